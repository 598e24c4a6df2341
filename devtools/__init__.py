"""What makes the addon run: everything behind ./dev, kept in the ignored directory .dev/."""
