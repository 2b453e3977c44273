"""The tests mirror the packages they hold true, folder for folder, name for name."""
