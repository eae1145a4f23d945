"""How clients reach the tools: the MCP app and the command line."""
