"""The real process: killed, stopped, fenced and short of disk, with real clients."""
