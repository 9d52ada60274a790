// Package oper answers Junos's operational requests (show, ping, clear,
// restart) from what is true: FRRouting's daemons and the kernel, through a
// junosemu.Sensor.
//
// A request is an RPC element, as NETCONF carries it. A CLI command is first
// turned into its RPC (ParseCommand), so both give the same facts, and the CLI's
// text is rendered from the reply element (Text). Nothing here is remembered
// between requests.
package oper

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// Release is the Junos release that the emulator's words and shapes follow. Its
// form is what clients parse; the service part says that it is the emulator.
const Release = "24.2R1-S0.EMU"

// A Router is one emulated router as operational commands see it. All fields
// but LastCommit and BGP are required.
type Router struct {
	Identity junosemu.Identity
	Sensor   junosemu.Sensor
	Hostname func() string           // as configured
	Intent   func() *junosemu.Intent // of the running configuration
	Started  time.Time               // when the router "booted"
	// LastCommit is when and by whom the running configuration was committed;
	// nil or a zero time if never.
	LastCommit func() (time.Time, string)
	// BGP is what the running configuration says of a BGP neighbor; may be nil.
	BGP func(peer netip.Addr) BGPConfig
	Now func() time.Time
}

// BGPConfig is how a BGP neighbor is configured, where FRR's words for it are
// not Junos's.
type BGPConfig struct {
	Group          string
	Import, Export []string // policies in their order
	Preference     int      // of the routes; 0: the default
}

// ErrUnknownRPC is a request that no Junos release, or not this one, knows.
var ErrUnknownRPC = errors.New("syntax error")

// A Refusal is a request that is understood and cannot be answered as asked.
type Refusal struct {
	Message    string
	BadElement string // the argument to blame, may be empty
}

func (e *Refusal) Error() string {
	if e.BadElement == "" {
		return e.Message
	}
	return fmt.Sprintf("%s: %s", e.Message, e.BadElement)
}

// Known reports whether Answer knows an RPC of that name.
func Known(name string) bool { _, ok := operations[name]; return ok }

// Answer performs an operational RPC. The reply is the element inside
// rpc-reply; it is nil for an RPC that answers nothing when it succeeds. The
// error is ErrUnknownRPC, a *Refusal, or a failure of the sensor.
func (r *Router) Answer(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	op, ok := operations[rpc.Name]
	if !ok {
		return nil, ErrUnknownRPC
	}
	if err := checkArguments(rpc); err != nil {
		return nil, err
	}
	reply, err := op.answer(r, ctx, rpc)
	var off *inactiveError
	if errors.As(err, &off) {
		return xmltree.Leaf("output", off.Error()), nil
	}
	return reply, err
}

// Text renders a reply as the CLI prints it, ending in a newline unless empty.
func Text(rpc, reply *xmltree.Element) string {
	switch {
	case reply == nil:
		return ""
	case reply.Name == "output":
		return reply.Text + "\n"
	}
	if op, ok := operations[rpc.Name]; ok && op.text != nil {
		return op.text(rpc, reply)
	}
	return ""
}

// An operation answers one RPC and renders its reply.
type operation struct {
	answer func(r *Router, ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error)
	text   func(rpc, reply *xmltree.Element) string
}

// operations are the RPCs that are known, by element name.
var operations = map[string]operation{
	"get-software-information":        {(*Router).software, softwareText},
	"get-interface-information":       {(*Router).interfaces, interfacesText},
	"get-route-information":           {(*Router).routeInformation, routesText},
	"get-route-summary-information":   {(*Router).routeSummary, routeSummaryText},
	"get-bgp-summary-information":     {(*Router).bgpSummary, bgpSummaryText},
	"get-bgp-neighbor-information":    {(*Router).bgpNeighbors, bgpNeighborsText},
	"get-bgp-group-information":       {(*Router).bgpGroups, bgpGroupsText},
	"get-ospf-neighbor-information":   {(*Router).ospfNeighbors, ospfNeighborsText},
	"get-ospf3-neighbor-information":  {(*Router).ospf3Neighbors, ospf3NeighborsText},
	"get-ospf-interface-information":  {(*Router).ospfInterfaces, ospfInterfacesText},
	"get-ospf-overview-information":   {(*Router).ospfOverview, ospfOverviewText},
	"get-ospf-route-information":      {(*Router).ospfRoutes, ospfRoutesText},
	"get-lldp-neighbors-information":  {(*Router).lldpNeighbors, lldpNeighborsText},
	"get-isis-adjacency-information":  {(*Router).isisAdjacencies, isisAdjacenciesText},
	"get-isis-interface-information":  {(*Router).isisInterfaces, isisInterfacesText},
	"get-isis-database-information":   {(*Router).isisDatabase, isisDatabaseText},
	"get-isis-hostname-information":   {(*Router).isisHostnames, isisHostnamesText},
	"get-ospf3-interface-information": {(*Router).ospf3Interfaces, ospf3InterfacesText},
	"get-ospf3-database-information":  {(*Router).ospf3Database, ospf3DatabaseText},
	"get-ospf-database-information":   {(*Router).ospfDatabase, ospfDatabaseText},
	"get-bfd-session-information":     {(*Router).bfdSessions, bfdSessionsText},
	"get-arp-table-information":       {(*Router).arpTable, arpTableText},
	"get-ipv6-nd-information":         {(*Router).ndTable, ndTableText},
	"get-system-uptime-information":   {(*Router).uptime, uptimeText},
	"get-alarm-information":           {(*Router).alarms, alarmsText},
	"get-system-alarm-information":    {(*Router).alarms, alarmsText},
	"get-route-engine-information":    {(*Router).routeEngine, routeEngineText},
	"get-system-memory-information":   {(*Router).memoryInformation, memoryText},
	"get-system-storage":              {(*Router).storage, storageText},
	"get-instance-information":        {(*Router).instances, instancesText},
	"get-chassis-inventory":           {(*Router).chassis, chassisText},
	"ping":                            {(*Router).ping, pingText},
	"traceroute":                      {(*Router).traceroute, tracerouteText},
	"clear-bgp-neighbor":              {(*Router).clearBGP, nil},
	"clear-ospf-neighbor-information": {(*Router).clearOSPF, nil},
	"restart-routing-process":         {(*Router).restartRouting, nil},

	"get-firewall-information":         {(*Router).firewallInformation, firewallText},
	"get-firewall-filter-information":  {(*Router).firewallInformation, firewallText},
	"get-firewall-counter-information": {(*Router).firewallInformation, firewallText},
	"clear-firewall-counters":          {(*Router).clearFirewall, nil},
	"clear-all-firewall-conters":       {(*Router).clearFirewall, nil}, // Junos spells it so
	"get-firewall-log-information":     {(*Router).firewallLog, firewallLogText},
	"clear-firewall-log":               {(*Router).clearFirewallLog, nil},
	"get-vrrp-information":             {(*Router).vrrp, vrrpText},

	"get-lldp-information":                     {(*Router).lldpGlobal, lldpGlobalText},
	"get-lldp-local-info":                      {(*Router).lldpLocal, lldpLocalText},
	"get-lldp-interface-neighbors":             {(*Router).lldpNeighbors, lldpNeighborsText},
	"get-lldp-interface-neighbors-information": {(*Router).lldpNeighbors, lldpNeighborsText},
	"clear-lldp-neighbors":                     {(*Router).clearLLDP, nil},
	"clear-lldp-interface-neighbors":           {(*Router).clearLLDP, nil},
}

// information makes the outermost element of a reply, in the namespace that
// Junos gives the module ("junos-routing") it comes from.
func information(name, module string) *xmltree.Element {
	return xmltree.New(name).Set("xmlns", "http://xml.juniper.net/junos/"+Release+"/"+module)
}
