package capture

import (
	"io"
	"runtime"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// nanoseconds is the resolution of a file's time stamps, as a power of ten.
const nanoseconds = 9

// file is a pcapng file with an interface for each port.
type file struct {
	w             *pcapgo.NgWriter
	frames, bytes uint64
}

func newFile(w io.Writer, o Options) (*file, error) {
	f := &file{}
	for i, id := range o.Ports {
		intf := description(id, o)
		var err error
		if i == 0 {
			f.w, err = pcapgo.NewNgWriterInterface(w, intf, pcapgo.NgWriterOptions{
				SectionInfo: pcapgo.NgSectionInfo{Hardware: runtime.GOARCH, OS: runtime.GOOS, Application: "ccl"},
			})
		} else {
			_, err = f.w.AddInterface(intf)
		}
		if err != nil {
			return nil, err
		}
	}
	return f, f.w.Flush()
}

func description(id trafficgen.PortID, o Options) pcapgo.NgInterface {
	return pcapgo.NgInterface{
		Name: port.Name(id), Filter: o.Filter, OS: runtime.GOOS, LinkType: layers.LinkTypeEthernet,
		TimestampResolution: nanoseconds,
	}
}

// write adds a frame that was heard on the port of that number.
func (f *file) write(tap int, at int64, frame []byte) error {
	f.frames++
	f.bytes += uint64(len(frame))
	return f.w.WritePacket(gopacket.CaptureInfo{
		Timestamp: time.Unix(0, at), CaptureLength: len(frame), Length: len(frame), InterfaceIndex: tap,
	}, frame)
}

func (f *file) flush() error { return f.w.Flush() }
