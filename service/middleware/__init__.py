"""What every request passes before its route, outermost first; the list stands in `service.app`.

Plain ASGI: nothing here waits for an answer to be complete, so streams stay streams.
"""
