package capture

import _ "embed"

// Dissector is a Lua script for Wireshark and tshark that reads the signature
// of our frames (package frame has its layout) and offers its fields, ccl.seq
// for example, to filters and columns.
//
//go:embed ccl.lua
var Dissector string
