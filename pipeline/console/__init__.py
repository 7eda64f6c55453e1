"""What every command does alike: messages, signals, exit codes."""
