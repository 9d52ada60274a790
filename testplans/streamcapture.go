package testplans

import (
	"encoding/binary"
	"slices"

	"go.yaml.in/yaml/v3"
)

// magics are the first bytes of capture files: pcap in microseconds or
// nanoseconds, in either byte order, and pcapng.
var magics = []uint32{0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a}

// captureFile is the path of frames to replay, relative to the plan.
var captureFile = scalar{what: "the path of a capture file, relative to the plan", json: stringSchema("captures/voice.pcap"),
	parse: func(d *decoder, n *yaml.Node) any {
		file, err := d.readFile(n.Value)
		if err != nil {
			d.mistake(n, "the path is relative to the plan", "cannot use the capture file: %v", plainPathError(err))
			return nil
		}
		if len(file.Content) < 4 || !slices.Contains(magics, binary.BigEndian.Uint32(file.Content)) {
			d.mistake(n, "tcpdump -w and Wireshark write such files", "%s is no capture file: neither pcap nor pcapng", n.Value)
			return nil
		}
		return file.Path
	}}
