"""`intentlens serve`: the app and the API."""

import click

from app.cli.home import home_option, settings_of


@click.command()
@click.option("--host", help="The address to listen on; 127.0.0.1 by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 8501 by default, 0 takes a free one.")
@home_option
@click.option("--json", "as_json", is_flag=True, expose_value=False, help="Tell errors as JSON, for machines.")
def serve(host: str | None, port: int | None, home: str | None) -> None:
    """Serve the app and the API until Ctrl+C."""
    from app.server import serve as serve_app  # Streamlit, which other commands do without

    serve_app(settings_of(home, host=host, port=port))
