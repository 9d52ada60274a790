package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// ospfPackets are the types of packets, in Junos's words, with the names that
// the counters of ospfd and ospf6d begin with (which go on with In and Out, or
// Rx and Tx).
var ospfPackets = []struct{ name, ospfd, ospf6d string }{
	{"Hello", "hello", "hello"}, {"DbD", "dbDesc", "dbDesc"}, {"LSReq", "lsReq", "lsReq"},
	{"LSUpdate", "lsUpd", "lsUpdate"}, {"LSAck", "lsAck", "lsAck"},
}

// ospfCounters are the packets of each type, received and sent, on all
// interfaces.
type ospfCounters map[string]struct{ received, sent int }

// ospfTraffic reads the counters of ospfd or ospf6d.
func (r *Router) ospfTraffic(ctx context.Context, version int) (ospfCounters, error) {
	var known map[string]map[string]int // by device and counter
	var err error
	if version == 3 {
		err = r.askRunning(ctx, "ospf6d", "show ipv6 ospf6 interface traffic json", ospf3Off, &known)
	} else {
		err = r.askRunning(ctx, "ospfd", "show ip ospf interface traffic json", ospfOff, &known)
	}
	if err != nil {
		return nil, err
	}
	counters := ospfCounters{}
	for _, device := range known {
		for _, p := range ospfPackets {
			c := counters[p.name]
			if version == 3 {
				c.received, c.sent = c.received+device[p.ospf6d+"Rx"], c.sent+device[p.ospf6d+"Tx"]
			} else {
				c.received, c.sent = c.received+device[p.ospfd+"In"], c.sent+device[p.ospfd+"Out"]
			}
			counters[p.name] = c
		}
	}
	return counters, nil
}

// ospfStatistics answers get-ospf-statistics-information and ospf3Statistics
// get-ospf3-statistics-information with the packets that FRR counts.
func (r *Router) ospfStatistics(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	counters, err := r.ospfTraffic(ctx, 2)
	if err != nil {
		return nil, err
	}
	return information("ospf-statistics-information", "junos-routing").Add(counters.element()), nil
}

func (r *Router) ospf3Statistics(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	counters, err := r.ospfTraffic(ctx, 3)
	if err != nil {
		return nil, err
	}
	return information("ospf3-statistics-information", "junos-routing").Add(counters.element()), nil
}

func (c ospfCounters) element() *xmltree.Element {
	e := xmltree.New("ospf-statistics")
	for _, p := range ospfPackets {
		e.Add(xmltree.New("packet-statistics").Leaf("ospf-packet-type", p.name).
			Leaf("packets-sent", strconv.Itoa(c[p.name].sent)).
			Leaf("packets-received", strconv.Itoa(c[p.name].received)))
	}
	return e
}

// ospfIO answers get-ospf-io-statistics-information.
func (r *Router) ospfIO(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	counters, err := r.ospfTraffic(ctx, 2)
	if err != nil {
		return nil, err
	}
	read := 0
	for _, c := range counters {
		read += c.received
	}
	return information("ospf-io-statistics-information", "junos-routing").
		Add(xmltree.New("ospf-io-statistics").Leaf("packets-read", strconv.Itoa(read))), nil
}

func ospfStatisticsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("Packet type             Total\n                   Sent      Received\n")
	for _, p := range reply.Child("ospf-statistics").All("packet-statistics") {
		fmt.Fprintf(&b, "%-12s %10s %13s\n", p.Value("ospf-packet-type"), p.Value("packets-sent"), p.Value("packets-received"))
	}
	return b.String()
}

func ospfIOText(_, reply *xmltree.Element) string {
	return fmt.Sprintf("Packets read: %s\n", reply.Value("ospf-io-statistics", "packets-read"))
}
