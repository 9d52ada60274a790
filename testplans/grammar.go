package testplans

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

const maxWait = 24 * time.Hour

var planShape = &shape{
	name: "plan",
	doc:  "A test plan: what is tested on which topology, case by case.",
	fields: []field{
		{key: "plan", is: planName, required: true, doc: "The plan's name, short and permanent: ring-rollout."},
		{key: "title", is: sentence, required: true, doc: "The plan's title, for reports."},
		{key: "type", is: oneOf(string(FeatureRollout), string(Regression)), required: true,
			doc: "feature-rollout: does the new thing work in this network? regression: does release B still do what release A did?"},
		{key: "description", is: anyText, doc: "What the plan is about, for the report's introduction."},
		{key: "topology", is: topologyPath, required: true, doc: "Path of the containerlab topology file, relative to the plan."},
		{key: "requirements", is: requirementTable{}, doc: "What must be proven: IDs and sentences. Cases name the one that they prove."},
		{key: "streams", is: streamTable{}, doc: "Flows of generated traffic, by name."},
		{key: "cases", is: caseList{}, required: true, doc: "The test cases, in the order in which they run."},
	},
}

var caseShape = &shape{
	name: "case",
	doc:  "One test case. With a matrix, one for each combination of its values.",
	fields: []field{
		{key: "id", is: caseID, required: true, doc: "Permanent ID, such as OSPF-001. It is never used again for another case."},
		{key: "title", is: sentence, required: true, doc: "What the case shows, as a sentence: All OSPF adjacencies are full."},
		{key: "description", is: anyText, doc: "Why and how, if the title does not say it all."},
		{key: "requirement", is: requirementID, doc: "The requirement that the case proves."},
		{key: "priority", is: oneOf("high", "medium", "low"), doc: "How much it matters."},
		{key: "tags", is: list{of: tag, single: true}, doc: "Words to select cases by."},
		{key: "infeasible", is: sentence, doc: "Why this lab cannot run the case; it is skipped, with this as its reason."},
		{key: "matrix", is: matrixTable{}, doc: "Lists of values; the case is repeated for every combination, with {name} replaced by the value in every text."},
		{key: "setup", is: stepList(0), doc: "Steps that prepare the case. If one fails, the case is an error and its steps are not run."},
		{key: "steps", is: stepList(1), required: true, doc: "Actions and checks, in order. The first that fails ends the case."},
		{key: "teardown", is: stepList(0), doc: "Steps that always run at the end."},
	},
	finish: followNames,
}

// tag is a word that cases are selected by.
var tag = checked("a word of letters, digits and ._:-", map[string]any{"type": "string", "pattern": namePattern}, wantName)

func stepList(atLeast int) list { return list{of: stepShape, min: atLeast} }

var stepShape = &shape{
	name: "step",
	doc:  "One action or check.",
	fields: append([]field{
		{key: "title", is: sentence, doc: "The step as a sentence, if the one made from it does not say what matters."},
	}, actions...),
	choose: []choice{{keys: keysOf(actions)}},
	finish: func(d *decoder, o *object) any {
		o.values["pos"] = d.pos(o.node)
		if at := d.places[o.node]; at.round != nil {
			o.values["round"] = at.round
		}
		if at := d.places[o.node]; at.branch != nil {
			o.values["branch"] = at.branch
		}
		d.finishJSNAPy(o)
		return o.values
	},
}

var actions = []field{
	{key: "configure", is: configureShape, doc: "Commit a change on one node; all of it or, if the device refuses any part, none."},
	{key: "rollback", is: rollbackShape, doc: "Return a node to an earlier configuration."},
	{key: "snapshot", is: snapshotShape, doc: "Keep what nodes say, for checks that compare with it."},
	{key: "check", is: checkShape, doc: "Look once, and judge."},
	{key: "wait-until", is: waitShape, doc: "Repeat a check until it passes; it fails when the time is up."},
	{key: "jsnapy", is: jsnapyShape, doc: "Run JSNAPy test files as they are."},
	{key: "command", is: commandShape, doc: "Run an operational command and keep its output."},
	{key: "ping", is: pingShape, doc: "Send ICMP echo requests and judge the loss."},
	{key: "traceroute", is: tracerouteShape, doc: "Check the path that packets take."},
	{key: "traffic", is: trafficShape, doc: "Start or stop a stream, or run it for a time and judge it."},
	{key: "capture", is: captureShape, doc: "Start or stop a recording of the frames that pass ports."},
	{key: "routes", is: routesShape, doc: "Announce BGP routes from a host, thousands at a time, or withdraw them, and judge how fast traffic follows."},
	{key: "converge", is: convergeShape, doc: "Wait until running streams flow again and judge how long they were interrupted since the last fault."},
	{key: "rfc2544", as: "benchmark", is: rfc2544Shape, doc: "Benchmark the path by RFC 2544 and its updates: throughput, latency, frame loss, back-to-back, recovery, reset."},
	{key: "rfc2889", as: "benchmark", is: rfc2889Shape, doc: "Benchmark a switch by RFC 2889."},
	{key: "throughput", as: "benchmark", is: throughputShape, doc: "Search the highest rate without loss; short for rfc2544: {throughput: …}."},
	{key: "fault", is: faultShape, doc: "Break or repair a link or a routing process, restart a node, clear sessions."},
	{key: "repeat", is: repeatShape, doc: "Run steps several times: flap a link ten times, commit and roll back a hundred times, and check in each round."},
	{key: "parallel", is: branchTable{}, doc: "Run several sequences of steps at the same time: branches by name, {upgrade: [steps], probe: [steps]}. It ends when all have ended."},
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

var configureShape = &shape{
	name: "configure",
	doc:  "A change of one node's configuration.",
	fields: []field{
		{key: "node", is: router, required: true, doc: "The node to configure."},
		{key: "set", is: list{of: configLine, min: 1, single: true}, doc: "set, delete, deactivate, … commands; the word set may be left out."},
		{key: "text", is: configText, doc: "Configuration in curly braces."},
		{key: "file", is: configFile, doc: "A file of commands or of configuration in curly braces, relative to the plan."},
		{key: "load", is: oneOf("merge", "replace", "override", "update"), with: []string{"text", "file"}, doc: "How configuration in braces meets what is there; merge unless said."},
		{key: "confirmed", is: duration(time.Minute, 18*time.Hour), doc: "Commit confirmed: the device rolls back after this time unless the change is confirmed. Junos counts whole minutes."},
		{key: "refused", is: sentence, doc: "The device must refuse this change with a message that contains these words."},
	},
	choose: []choice{{keys: []string{"set", "text", "file"}}, {keys: []string{"confirmed", "refused"}, optional: true}},
	finish: finishConfigure,
}

func finishConfigure(d *decoder, o *object) any {
	if minutes, err := time.ParseDuration(o.text("confirmed")); err == nil && minutes%time.Minute != 0 {
		d.mistake(o.at["confirmed"], "", "Junos confirms commits in whole minutes, not %s", minutes)
		return nil
	}
	content, isFile := o.values["file"].(string)
	if !isFile {
		return o.values
	}
	delete(o.values, "file")
	if !isSetFile(content) {
		o.values["text"] = content
		return o.values
	}
	if o.has("load") {
		d.mistake(o.keys["load"], "leave it out", "%s holds set commands; load makes sense only for braces", o.at["file"].Value)
		return nil
	}
	o.values["set"] = commands(content)
	return o.values
}

var rollbackShape = &shape{
	name: "rollback",
	doc:  "A return to an earlier configuration.",
	fields: []field{
		{key: "node", is: router, required: true, doc: "The node to roll back."},
		{key: "to", is: integer(1, 49), doc: "Which configuration: 1, unless said, is the one before the running one."},
	},
	finish: func(_ *decoder, o *object) any {
		if !o.has("to") {
			o.values["to"] = 1
		}
		return o.values
	},
}

var commandShape = &shape{
	name: "command",
	doc:  "An operational command.",
	fields: []field{
		{key: "node", is: router, required: true, doc: "Where to run it."},
		{key: "run", is: sentence, required: true, doc: "The command: show system uptime."},
		{key: "matches", is: regularExpression, doc: "A regular expression that the output must match."},
	},
}

var pingShape = &shape{
	name: "ping",
	doc:  "ICMP echo requests.",
	fields: []field{
		{key: "from", is: sender, required: true, doc: "The node that sends, a host or a router."},
		{key: "to", is: addressOrNode, required: true, doc: "An address, or a node whose address is looked up."},
		{key: "source", is: address, doc: "Source address."},
		{key: "count", is: integer(1, 100_000), doc: "How many; 5 unless said."},
		{key: "size", is: integer(0, 65_000), doc: "Payload bytes."},
		{key: "loss", is: bound(check.Share), doc: "How much may be lost, = 0% unless said."},
	},
}

var tracerouteShape = &shape{
	name: "traceroute",
	doc:  "The path that packets take.",
	fields: []field{
		{key: "from", is: sender, required: true, doc: "The node that sends, a host or a router."},
		{key: "to", is: addressOrNode, required: true, doc: "An address, or a node whose address is looked up."},
		{key: "via", is: list{of: addressOrNode, min: 1, single: true}, doc: "Addresses or nodes that must appear on the path, in this order."},
		{key: "hops", is: bound(check.Number), doc: "How many hops it may take, the destination counted."},
	},
}

var trafficShape = &shape{
	name: "traffic",
	doc:  "Generated traffic.",
	fields: append([]field{
		{key: "start", is: streamName, doc: "Start this stream and let it run through the following steps."},
		{key: "stop", is: streamName, doc: "Stop this running stream and judge it."},
		{key: "run", is: streamName, doc: "Run this stream for a time and judge it."},
		{key: "duration", is: duration(10*time.Millisecond, maxWait), with: []string{"run"}, doc: "How long to run it; unless said the stream's own duration, or 5s."},
		{key: "loss", is: bound(check.Number, check.Share), with: []string{"run", "stop"}, doc: "How much may be lost: frames (= 0) or a share (< 0.1%). Unless said, run must lose nothing and stop is not judged."},
		{key: "latency-p99", is: bound(check.Time), with: []string{"run", "stop"}, doc: "The 99th percentile of latency: < 5ms."},
	}, metricFields()...),
	choose: []choice{{keys: []string{"start", "stop", "run"}}},
	finish: finishTraffic,
}

// metricFields are the bounds on a stream's other metrics.
func metricFields() (fields []field) {
	for _, m := range check.Metrics {
		fields = append(fields, field{key: m.Name, is: bound(m.Dimensions...), with: []string{"run", "stop"}, doc: m.Doc})
	}
	return fields
}

// finishTraffic writes out what a run takes from its stream and from custom.
func finishTraffic(d *decoder, o *object) any {
	bounds := map[string]any{}
	for _, m := range check.Metrics {
		if b, ok := o.values[m.Name]; ok {
			bounds[m.Name] = b
			delete(o.values, m.Name)
		}
	}
	if len(bounds) > 0 {
		o.values["bounds"] = bounds
	}
	if o.has("run") {
		if !o.has("loss") {
			o.values["loss"] = "= 0"
		}
		if own := d.read[o.text("run")].lasts; own > 0 && !o.has("duration") {
			o.values["duration"] = own.String()
		}
	}
	return o.values
}

var convergeShape = &shape{
	name: "converge",
	doc:  "Convergence of running streams after a fault or a commit.",
	fields: []field{
		{key: "stream", is: streamName, doc: "The stream that suffers."},
		{key: "streams", is: list{of: streamName, min: 1}, doc: "Several streams, one for each route or flow."},
		{key: "outage", is: bound(check.Time), doc: "How long the longest outage of each may be: < 200ms."},
		{key: "full", is: bound(check.Time), doc: "Full convergence time: from the fault until the last stream flows again (RFC 6412, section 3.6.2)."},
		{key: "first-route", is: bound(check.Time), doc: "First route convergence time: until the first of the interrupted streams flows again (RFC 6412, section 3.6.1)."},
		{key: "loss-derived", is: bound(check.Time), doc: "Loss-derived convergence time of each: lost frames over the rate (RFC 6413, section 6.1)."},
		{key: "rate-derived", is: bound(check.Time), doc: "Rate-derived convergence time of each: until frames arrive at the full rate, sampled ten times a second (RFC 6413, section 6.2)."},
		{key: "within", is: duration(10*time.Millisecond, maxWait), doc: "How long to wait for them to flow again; 30s unless said."},
	},
	choose: []choice{{keys: []string{"stream", "streams"}}, {keys: []string{"outage", "full", "first-route", "loss-derived", "rate-derived"}, any: true}},
}

// matrixTable describes matrix: to the schema; decoder.matrix has read it
// already when the case is read.
type matrixTable struct{}

func (matrixTable) read(*decoder, *yaml.Node) any { return nil }

func (matrixTable) schema(*schemaWriter) map[string]any {
	return map[string]any{"type": "object", "minProperties": 1,
		"propertyNames":        map[string]any{"pattern": "^" + placeholder + "$"},
		"additionalProperties": map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"type": []string{"string", "number", "boolean"}}}}
}
