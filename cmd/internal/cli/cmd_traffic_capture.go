package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/capture"
)

func (a *App) trafficCaptureCommand() *cobra.Command {
	var o capture.Options
	var out, duration string
	var ring int
	cmd := &cobra.Command{
		Use:   "capture PORT...",
		Short: "Record what passes ports into a pcapng file",
		Long:  "Record what passes ports, in both directions, into a pcapng file until Ctrl-C.\n\n" + trafficLong,
		Example: `  ccl traffic capture ring/h2 --out h2.pcapng
  ccl traffic capture ring/h1 ring/h2 --filter 'icmp or arp' --duration 10s
  ccl traffic capture eth1 --ring 64      the last 64 MiB when you press Ctrl-C`,
		Args:              atLeast(1, "a PORT or more"),
		ValidArgsFunction: a.completePorts(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop, err := forAWhile(cmd.Context(), duration)
			if err != nil {
				return err
			}
			defer stop()
			for _, word := range args {
				id, err := a.port(ctx, word)
				if err != nil {
					return err
				}
				o.Ports = append(o.Ports, id)
			}
			o.Ring = ring << 20
			r, err := startRecording(ctx, out, o)
			if err != nil {
				return err
			}
			a.say("recording into %s; Ctrl-C ends it", out)
			<-ctx.Done()
			return r.stop(a, nil)
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "capture.pcapng", "the file")
	cmd.Flags().StringVarP(&o.Filter, "filter", "f", "", "record only this, as pcap-filter(7) says it: 'udp port 5001'")
	cmd.Flags().IntVar(&ring, "ring", 0, "keep only the last so many MiB, and write them in the end")
	cmd.Flags().StringVarP(&duration, "duration", "t", "", "how long to record; until Ctrl-C if not given")
	return cmd
}

// forAWhile bounds a context by a duration that the user gave, if any.
func forAWhile(ctx context.Context, text string) (context.Context, context.CancelFunc, error) {
	if text == "" {
		ctx, cancel := context.WithCancel(ctx)
		return ctx, cancel, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return nil, nil, withHint(usageError("--duration %q is no duration", text), "write it as 10s or 1m30s")
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	return ctx, cancel, nil
}

// trafficRun is streams to run, and what to record of them.
type trafficRun struct {
	streams []trafficgen.Stream

	capture, filter string
	aroundLoss      bool
}

// What is recorded around the first loss.
const (
	beforeLoss = 32 << 20 // bytes
	afterLoss  = 500 * time.Millisecond
)

func (o *trafficRun) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.capture, "capture", "", "record what passes both ports into this pcapng file")
	cmd.Flags().StringVar(&o.filter, "filter", "", "record only this, as pcap-filter(7) says it")
	cmd.Flags().BoolVar(&o.aroundLoss, "around-loss", false, "record only what happens around the first loss; no file if there is none")
}

// recording is a capture that goes on while streams run. A nil one records
// nothing.
type recording struct {
	*capture.Capture
	file       *os.File
	buffer     *bufio.Writer
	aroundLoss bool
}

func (o *trafficRun) record(ctx context.Context) (*recording, error) {
	if o.capture == "" {
		return nil, nil
	}
	options := capture.Options{Filter: o.filter}
	seen := map[string]bool{}
	for _, s := range o.streams {
		for _, id := range []trafficgen.PortID{s.From, s.To} {
			if key := id.NetNS + " " + id.Device; !seen[key] {
				seen[key] = true
				options.Ports = append(options.Ports, id)
			}
		}
	}
	if o.aroundLoss {
		options.Ring, options.After = beforeLoss, afterLoss
	}
	r, err := startRecording(ctx, o.capture, options)
	if err == nil {
		r.aroundLoss = o.aroundLoss
	}
	return r, err
}

func startRecording(ctx context.Context, path string, o capture.Options) (*recording, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	r := &recording{file: f, buffer: bufio.NewWriterSize(f, 1<<20)}
	if r.Capture, err = capture.Start(ctx, r.buffer, o); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return r, nil
}

// look triggers the capture at the first loss.
func (r *recording) look(stats []trafficgen.Stats) {
	if r == nil || !r.aroundLoss {
		return
	}
	for i := range stats {
		if stats[i].Lost > 0 {
			r.Trigger(fmt.Sprintf("the first loss, of stream %s", stats[i].Stream))
		}
	}
}

// stop ends the capture and tells what is in its file.
func (r *recording) stop(a *App, last []trafficgen.Stats) error {
	if r == nil {
		return nil
	}
	r.look(last)
	s, err := r.Stop()
	err = errors.Join(err, r.buffer.Flush(), r.file.Close())
	if err != nil {
		return err
	}
	if r.aroundLoss && s.Triggered == "" {
		a.say("nothing was lost, and %s is not written", r.file.Name())
		return os.Remove(r.file.Name())
	}
	a.say("%s: %s, %d bytes", r.file.Name(), count(int(s.Frames), "frame"), s.Bytes)
	if s.Dropped > 0 {
		a.say("%s is not whole: %s passed too fast", r.file.Name(), count(int(s.Dropped), "frame"))
	}
	return nil
}
