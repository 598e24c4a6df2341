"""The tools behind ./dev. They keep everything that they make in the ignored directory .dev/."""
