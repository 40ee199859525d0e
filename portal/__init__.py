"""Nova's project and shared kernel."""
