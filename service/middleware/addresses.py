"""The addresses that middleware treats in its own way."""

# For those who look after the server: always answered, and not worth a line in the log.
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
GUARDED = "/v1/"
INTERNAL = "/internal/"
CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
# Where questions are answered: they cost tokens, and answer 400 as OpenAI does.
ANSWERS = frozenset({CHAT, RESPONSES})
# What waits for its turn: the command line's questions take the engine's time as all do.
QUEUED = ANSWERS | {INTERNAL + "ask"}
UPLOADS = "/v1/documents"
