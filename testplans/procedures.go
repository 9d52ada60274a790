package testplans

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// The grammar of benchmark steps: rfc2544: {throughput: {stream: h1-h2, …}}.

var rfc2544Shape = &shape{
	name: "rfc2544",
	doc:  "One benchmark of RFC 2544, section 26, or of the RFCs that update it.",
	fields: []field{
		{key: "throughput", is: throughputShape, doc: "The highest rate without loss (section 26.1)."},
		{key: "latency", is: latencyShape, doc: "The delay of frames at the throughput rate (section 26.2)."},
		{key: "frame-loss", is: frameLossShape, doc: "The loss at 100 %, 90 %, … of the highest load (section 26.3)."},
		{key: "back-to-back", is: backToBackShape, doc: "The longest burst without loss, and the buffer behind it (RFC 9004)."},
		{key: "system-recovery", is: systemRecoveryShape, doc: "How soon an overloaded path forwards everything again (section 26.5)."},
		{key: "reset", is: resetShape, doc: "How long nothing is forwarded after a process is restarted (RFC 6201)."},
	},
	choose: []choice{{keys: []string{"throughput", "latency", "frame-loss", "back-to-back", "system-recovery", "reset"}}},
	finish: theOne,
}

var rfc2889Shape = &shape{
	name: "rfc2889",
	doc:  "One benchmark of RFC 2889.",
	fields: []field{
		{key: "forwarding", is: forwardingShape, doc: "Forwarding rates at and below the highest load (sections 5.4 and 5.6)."},
		{key: "address-caching", is: addressCachingShape, doc: "How many addresses a switch remembers (section 5.7)."},
		{key: "address-learning", is: addressLearningShape, doc: "How fast a switch learns addresses (section 5.8)."},
	},
	choose: []choice{{keys: []string{"forwarding", "address-caching", "address-learning"}}},
	finish: theOne,
}

// theOne is the value of the only key.
func theOne(_ *decoder, o *object) any {
	for _, v := range o.values {
		return v
	}
	return nil
}

// Keys that several procedures take.
var (
	streamKeys = []field{
		{key: "stream", as: "streams", is: oneStream, doc: "The stream to measure with."},
		{key: "streams", is: list{of: streamName, min: 1}, doc: "Streams to offer together, their rates in proportion: both directions, or a share of IPv4 and of IPv6 (RFC 5180, RFC 8219)."},
		{key: "sizes", is: frameSizes{}, doc: "Frame sizes in bytes, with FCS, or the standard ones: rfc2544 or rfc5180; the stream's own unless said."},
		{key: "speed", is: rate, doc: "The media's speed, such as 1Gbps: the highest load is then its theoretical maximum for each size."},
		{key: "max-rate", is: rate, doc: "The highest rate to try, in fps; the streams' own unless said."},
		{key: "rest", is: duration(0, time.Hour), doc: "Pause after a trial: 5s, as in RFC 2544, or less after a shortened trial, unless said."},
	}
	resolutionKey = field{key: "resolution", is: fraction, doc: "A search ends when it knows its result within this fraction; 1% unless said."}
	rateKey       = field{key: "rate", is: rate, doc: "The throughput in fps, if it is known; it is measured first unless said."}
	withinKey     = field{key: "within", is: duration(time.Second, maxWait), doc: "How long to wait until nothing is lost any more; 60s unless said."}
	settleKey     = field{key: "settle", is: duration(100*time.Millisecond, time.Hour), doc: "How long nothing must have been lost to count as recovered; 1s unless said. Longer than it takes to notice the reset."}
)

func trialKey(rfc string) field {
	return field{key: "trial", is: duration(10*time.Millisecond, maxWait), doc: "Length of a trial; " + rfc + " unless said, as in the RFC. Shorter trials are labelled in the report."}
}

func repeatsKey(rfc string) field {
	return field{key: "repeats", is: integer(1, 1000), doc: "How often it is measured for the average; " + rfc + " unless said."}
}

// procedureShape is the grammar of one procedure, whose result expect bounds
// in one of the dimensions.
func procedureShape(p procedure.Procedure, doc, expect string, dimensions []check.Dimension, fields ...field) *shape {
	fields = append(slices.Clone(streamKeys), fields...)
	fields = append(fields, field{key: "expect", is: bound(dimensions...), doc: expect})
	choose := []choice{{keys: []string{"stream", "streams"}}, {keys: []string{"speed", "max-rate"}, optional: true}}
	if p == procedure.Throughput {
		choose = append(choose, choice{keys: []string{"expect", "at-least"}, optional: true})
	}
	return &shape{
		name: string(p), doc: doc, fields: fields, choose: choose,
		finish: func(d *decoder, o *object) any { return finishProcedure(d, o, p) },
	}
}

var (
	frameRates = []check.Dimension{check.FrameRate, check.BitRate}
	times      = []check.Dimension{check.Time}
)

var throughputShape = procedureShape(procedure.Throughput, "An RFC 2544 throughput search.",
	"The throughput that must be reached with every size: > 10kfps.", frameRates,
	trialKey("60s"), resolutionKey,
	field{key: "loss-limit", is: fraction, doc: "The share of frames that a trial may lose and pass; nothing unless said, as in the RFC."},
	field{key: "at-least", as: "expect", is: atLeast, doc: "The throughput that must be reached: 1000fps is short for expect: >= 1000fps."},
)

var latencyShape = procedureShape(procedure.Latency, "RFC 2544 latency.",
	"What the mean latency of every size must keep: < 5ms.", times,
	trialKey("120s"), repeatsKey("20 times"), resolutionKey, rateKey)

var frameLossShape = procedureShape(procedure.FrameLoss, "The RFC 2544 frame loss rate.",
	"What the loss at the highest load must keep: < 5%.", []check.Dimension{check.Share},
	trialKey("60s"), stepKey)

var backToBackShape = procedureShape(procedure.BackToBack, "Back-to-back frames by RFC 9004.",
	"How many frames the average burst must have: >= 100.", []check.Dimension{check.Number},
	trialKey("2s, the longest burst,"), repeatsKey("50 times"), resolutionKey, rateKey)

var systemRecoveryShape = procedureShape(procedure.SystemRecovery, "RFC 2544 system recovery.",
	"How soon it must have recovered: < 100ms.", times,
	trialKey("60s"), repeatsKey("once"), resolutionKey, rateKey, settleKey, withinKey)

var resetShape = procedureShape(procedure.Reset, "Reset by RFC 6201.",
	"How soon everything must be forwarded again: < 5s.", times,
	field{key: "process", is: processShape, required: true, doc: "The routing process that is killed and started again."},
	trialKey("60s"), repeatsKey("once"), resolutionKey, rateKey, settleKey, withinKey)

var forwardingShape = procedureShape(procedure.Forwarding, "RFC 2889 forwarding rates.",
	"The forwarding rate at the maximum load (FRMOL) that must be reached: > 10kfps.", frameRates,
	trialKey("30s"), stepKey)

var addressKeys = []field{
	{key: "monitor", is: port, required: true, doc: "A third port of the switch; what arrives there was flooded."},
	{key: "addresses", is: integer(1, trafficgen.MaxCards), doc: "How many to try at most (8192 unless said), or to teach at each rate (1024)."},
}

var addressCachingShape = procedureShape(procedure.AddressCaching, "RFC 2889 address caching capacity. The stream goes from the port that tests to the one that teaches; rest is the time in which the switch forgets, 300s unless said.",
	"How many addresses it must remember: >= 4000.", []check.Dimension{check.Number}, addressKeys...)

var addressLearningShape = procedureShape(procedure.AddressLearning, "RFC 2889 address learning rate. The stream goes from the port that tests to the one that teaches; rest is the time in which the switch forgets, 300s unless said.",
	"How fast it must learn: > 1kfps.", []check.Dimension{check.FrameRate}, addressKeys...)

var stepKey = field{key: "step", is: fraction, doc: "Distance of the loads as a fraction of the highest; 10% unless said, as in the RFC, which has no more."}

// oneStream is the key stream:, which is short for streams:.
var oneStream = scalar{what: "the name of a stream", json: stringSchema("h1-h2"),
	parse: func(d *decoder, n *yaml.Node) any {
		if name := streamName.parse(d, n); name != nil {
			return []any{name}
		}
		return nil
	}}

// atLeast is a bound on a frame rate whose operator is understood.
var atLeast = scalar{what: "a frame rate, such as 1000fps", json: map[string]any{"type": "string", "examples": []any{"1000fps"}},
	parse: func(d *decoder, n *yaml.Node) any {
		b, ok := bound(check.FrameRate).parse(d, n).(string)
		if ok && strings.Trim(b[:1], "0123456789.") == "" && !strings.Contains(b, "..") {
			b = ">= " + b
		}
		if !ok {
			return nil
		}
		return b
	}}

// frameSizes is a list of sizes, one size, or the name of a standard's.
type frameSizes struct{}

var standardSizes = map[string][]int{
	"rfc2544":       procedure.RFC2544Sizes,
	"rfc5180":       procedure.RFC5180Sizes,
	"rfc5180-jumbo": slices.Concat(procedure.RFC5180Sizes, procedure.JumboSizes),
}

var sizeList = list{of: integer(64, 9216), min: 1, single: true}

func (frameSizes) read(d *decoder, n *yaml.Node) any {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		if sizes, ok := standardSizes[strings.ToLower(n.Value)]; ok {
			return sizes
		}
	}
	return sizeList.read(d, n)
}

func (frameSizes) schema(w *schemaWriter) map[string]any {
	return map[string]any{"anyOf": []any{map[string]any{"enum": []string{"rfc2544", "rfc5180", "rfc5180-jumbo"}}, sizeList.schema(w)}}
}

// finishProcedure names the procedure and turns rates into numbers.
func finishProcedure(d *decoder, o *object, p procedure.Procedure) any {
	o.values["procedure"] = string(p)
	for _, key := range []string{"max-rate", "rate", "speed"} {
		text := o.text(key)
		if text == "" {
			continue
		}
		v, dimension, _ := check.ParseQuantity(text)
		switch {
		case key == "speed" && dimension != check.BitRate:
			d.mistake(o.at[key], "write 1Gbps", "the speed of a medium is in bits per second, not %s", text)
			return nil
		case key != "speed" && dimension == check.BitRate:
			d.mistake(o.at[key], "say it in fps", "a highest rate in %s is another for each frame size", text)
			return nil
		}
		o.values[key] = v
	}
	if o.values["loss-limit"] == 1.0 || o.values["resolution"] == 1.0 || o.values["step"] == 1.0 {
		d.mistake(o.node, "", "%s: a loss limit, resolution or step of 100%% leaves nothing to measure", o.values["procedure"])
		return nil
	}
	streams, _ := o.values["streams"].([]any)
	for i, name := range streams {
		if slices.Contains(streams[:i], name) {
			d.mistake(o.node, "", "stream %s is listed twice", name)
			return nil
		}
	}
	if len(streams) > 1 && (p == procedure.AddressCaching || p == procedure.AddressLearning) {
		d.mistake(o.at["streams"], "say stream: "+fmt.Sprint(streams[0]), "%s takes one stream", p)
		return nil
	}
	return o.values
}
