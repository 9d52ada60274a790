package testplans

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen"
)

// When the frames of a stream are sent.

// rate is checked here and converted when the frame size is known.
var rate = scalar{what: "a rate, such as 1000fps or 10Mbps",
	json:  map[string]any{"type": "string", "pattern": `^[0-9.]+ *([kM]?[fp]ps|[kMG]?bps)$`, "examples": []any{"1000fps", "10Mbps"}},
	parse: func(d *decoder, n *yaml.Node) any { return d.rate(n, false) }}

// streamRate is rate, or a share of the port's speed.
var streamRate = scalar{what: "a rate, such as 1000fps, 10Mbps or 50%",
	json:  map[string]any{"type": "string", "pattern": `^[0-9.]+ *([kM]?[fp]ps|[kMG]?bps|%)$`, "examples": []any{"1000fps", "10Mbps", "50%"}},
	parse: func(d *decoder, n *yaml.Node) any { return d.rate(n, true) }}

func (d *decoder) rate(n *yaml.Node, share bool) any {
	v, dimension, err := check.ParseQuantity(n.Value)
	switch {
	case err != nil:
		d.mistake(n, unitHint(err, "write 1000fps or 10Mbps", check.FrameRate, check.BitRate), "%v", err)
	case dimension == check.Number:
		d.mistake(n, fmt.Sprintf("write %sfps or %sbps", n.Value, n.Value), "the rate %s has no unit", n.Value)
	case dimension == check.Share && share && v > 1:
		d.mistake(n, "100% fills the port", "%s of a port's speed is more than there is", n.Value)
	case dimension != check.FrameRate && dimension != check.BitRate && !(dimension == check.Share && share):
		d.mistake(n, "rates are in fps, kfps, Mfps or bps, kbps, Mbps, Gbps", "%q is a %s, not a rate", n.Value, dimension)
	case v <= 0:
		d.mistake(n, "", "a stream of %s sends nothing", n.Value)
	default:
		return n.Value
	}
	return nil
}

var burstShape = &shape{
	name: "burst",
	doc:  "Frames that leave in groups.",
	fields: []field{
		{key: "frames", is: integer(1, 1_000_000_000), required: true, doc: "How many frames leave one after the other at the stream's rate."},
		{key: "gap", is: duration(time.Microsecond, time.Hour), required: true, doc: "The time from the last frame of a burst to the first of the next: 1ms."},
	},
}

// timing settles rate, bursts and how long the stream lasts, its sizes being
// known. It returns how long a step runs it that does not say.
func (d *decoder) timing(o *object, s *trafficgen.Stream) (time.Duration, bool) {
	s.Rate = defaultRate
	if r := o.text("rate"); r != "" {
		v, dimension, _ := check.ParseQuantity(r)
		if s.Capture != "" && dimension != check.FrameRate {
			d.mistake(o.at["rate"], "say it in fps", "frames of a capture differ in size: %s is no rate of theirs", r)
			return 0, false
		}
		switch dimension {
		case check.Share:
			s.Rate, s.Load = 0, v
		case check.BitRate:
			s.Rate = v / (8 * (s.MeanSize() + trafficgen.WireOverhead))
		default:
			s.Rate = v
		}
	}
	if t := o.text("duration"); t != "" {
		s.Duration, _ = time.ParseDuration(t)
	}
	gap := time.Duration(0)
	if burst, ok := o.values["burst"].(map[string]any); ok {
		s.Burst.Frames, _ = burst["frames"].(int)
		gap, _ = time.ParseDuration(burst["gap"].(string))
		s.Burst.Gap = gap
		if interval := time.Duration(float64(time.Second) / s.Rate); s.Load == 0 && gap < interval {
			d.mistake(entry(o.at["burst"], "gap"), "", "a gap of %v is shorter than the %v from frame to frame at %.0f frames per second", gap, interval, s.Rate)
			return 0, false
		}
	}
	frames, _ := o.values["frames"].(int)
	if s.Frames = uint64(frames); frames == 0 || s.Duration > 0 {
		return s.Duration, true
	}
	if s.Load > 0 {
		d.mistake(o.at["frames"], "say duration: too", "how long %d frames take is not known before the port's speed is", frames)
		return 0, false
	}
	took := float64(frames) / s.Rate
	if s.Burst.Frames > 0 {
		took += float64(frames/s.Burst.Frames) * gap.Seconds()
	}
	const slack = 10 * time.Millisecond // so that the number decides, not the time
	if total := slack + time.Duration(took*float64(time.Second)); took < maxWait.Seconds() {
		return total, true
	}
	d.mistake(o.at["frames"], "", "%d frames take longer than %v", frames, maxWait)
	return 0, false
}
