"""Write the generated files of both clients."""

from clients.generator.files import generated


def main() -> None:
    """Write each file anew."""
    for path, text in generated().items():
        path.write_text(text)
        print(f"Wrote {path}")


main()
