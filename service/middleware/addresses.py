"""The addresses that middleware treats in its own way."""

GUARDED = "/v1/"
INTERNAL = "/internal/"
CHAT = "/v1/chat/completions"
UPLOADS = "/v1/documents"
