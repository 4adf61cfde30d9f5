"""The addresses that middleware treats in its own way."""

# For those who look after the server: always answered, and not worth a line in the log.
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
GUARDED = "/v1/"
INTERNAL = "/internal/"
CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
# Where questions are answered: they cost tokens, wait for their turn, and answer 400 as OpenAI does.
ANSWERS = frozenset({CHAT, RESPONSES})
UPLOADS = "/v1/documents"
