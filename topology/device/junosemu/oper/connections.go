package oper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// tcpStates are BSD's names of the states of TCP, by ss's.
var tcpStates = map[string]string{
	"ESTAB": "ESTABLISHED", "LISTEN": "LISTEN", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RCVD", "TIME-WAIT": "TIME_WAIT",
	"CLOSE-WAIT": "CLOSE_WAIT", "FIN-WAIT-1": "FIN_WAIT_1", "FIN-WAIT-2": "FIN_WAIT_2", "LAST-ACK": "LAST_ACK", "CLOSING": "CLOSING",
}

// connections answers get-system-connections with the TCP and UDP sockets of
// the router, in the form of BSD's netstat. Junos has no elements for them.
func (r *Router) connections(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	out, err := r.Sensor.Exec(ctx, "ss", "-H", "-n", "-t", "-u", "-a")
	if err != nil {
		return nil, fmt.Errorf("ss: %w", err)
	}
	var rows []string
	for line := range strings.Lines(string(out)) {
		if row, ok := connection(strings.Fields(line)); ok {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	const heading = "Active Internet connections (including servers)\n" +
		"Proto Recv-Q Send-Q  Local Address                                 Foreign Address                               (state)"
	return xmltree.Leaf("output", strings.Join(append([]string{heading}, rows...), "\n")), nil
}

// connection translates a line of ss: protocol, state, queues, and both ends.
func connection(fields []string) (string, bool) {
	if len(fields) < 6 || fields[0] != "tcp" && fields[0] != "udp" {
		return "", false
	}
	version := "4"
	if strings.HasPrefix(fields[4], "[") {
		version = "6"
	}
	row := fmt.Sprintf("%-5s %6s %6s  %-45s %-45s %s", fields[0]+version, fields[2], fields[3],
		socketEnd(fields[4]), socketEnd(fields[5]), tcpStates[fields[1]])
	return strings.TrimRight(row, " "), true
}

// socketEnd is 10.0.12.1.179 of 10.0.12.1:179, *.179 of 0.0.0.0:179 and [::]:179.
func socketEnd(end string) string {
	at := strings.LastIndexByte(end, ':')
	if at < 0 {
		return end
	}
	address := strings.Trim(end[:at], "[]")
	if address == "0.0.0.0" || address == "::" || address == "" {
		address = "*"
	}
	return address + "." + end[at+1:]
}
