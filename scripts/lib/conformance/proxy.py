"""Stands between moto and itself: calls of Lambda functions go to the test, everything else goes on to moto."""
import http.client
import http.server
import threading


def serve(port, endpoint, handle):
    """Answers on the port from now on, in the background. handle(payload) answers a call of a function; moto's URL
    `endpoint` gets all other requests."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def do_POST(self):
            payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {"Content-Type": "application/json"}
            if "/functions/" in self.path and self.path.endswith("/invocations"):
                body, status = handle(payload), 200
                if b'"errorType"' in body[:4000] and b'"errorMessage"' in body[:4000]:
                    headers["X-Amz-Function-Error"] = "Unhandled"
            else:
                connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
                connection.request(self.command, self.path, payload, dict(self.headers))
                response = connection.getresponse()
                body, status = response.read(), response.status
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST

    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", port), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
