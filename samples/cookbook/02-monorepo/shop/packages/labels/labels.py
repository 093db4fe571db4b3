def label(name, cents):
    """What stands on the shelf."""
    return f"{name.strip()} {cents / 100:.2f}"
