"""The web app and HTTP API: entry point, server, command line, shared UI parts and charts."""
