package oper

import (
	"context"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An operation answers one RPC and renders its reply.
type operation struct {
	answer func(r *Router, ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error)
	text   func(rpc, reply *xmltree.Element) string
	// spread says that a request that names no routing instance is about all.
	spread bool
}

// operations are the RPCs that are known, by element name.
var operations = withAbsences(map[string]operation{
	"get-software-information":               {(*Router).software, softwareText, false},
	"get-interface-information":              {(*Router).interfaces, interfacesText, false},
	"get-route-information":                  {(*Router).routeInformation, routesText, true},
	"get-route-summary-information":          {(*Router).routeSummary, routeSummaryText, true},
	"get-forwarding-table-information":       {(*Router).forwardingTable, forwardingText, true},
	"get-bgp-summary-information":            {(*Router).bgpSummary, bgpSummaryText, true},
	"get-bgp-neighbor-information":           {(*Router).bgpNeighbors, bgpNeighborsText, true},
	"get-bgp-group-information":              {(*Router).bgpGroups, bgpGroupsText, true},
	"get-ospf-neighbor-information":          {(*Router).ospfNeighbors, ospfNeighborsText, false},
	"get-ospf3-neighbor-information":         {(*Router).ospf3Neighbors, ospf3NeighborsText, false},
	"get-ospf-interface-information":         {(*Router).ospfInterfaces, ospfInterfacesText, false},
	"get-ospf-overview-information":          {(*Router).ospfOverview, ospfOverviewText, false},
	"get-ospf-route-information":             {(*Router).ospfRoutes, ospfRoutesText, false},
	"get-lldp-neighbors-information":         {(*Router).lldpNeighbors, lldpNeighborsText, false},
	"get-isis-adjacency-information":         {(*Router).isisAdjacencies, isisAdjacenciesText, false},
	"get-isis-interface-information":         {(*Router).isisInterfaces, isisInterfacesText, false},
	"get-isis-database-information":          {(*Router).isisDatabase, isisDatabaseText, false},
	"get-isis-hostname-information":          {(*Router).isisHostnames, isisHostnamesText, false},
	"get-isis-route-information":             {(*Router).isisRoutes, isisRoutesText, false},
	"get-isis-spf-results-information":       {(*Router).isisSPF, isisSPFText, false},
	"get-isis-spf-results-brief-information": {(*Router).isisSPF, isisSPFText, false},
	"get-isis-statistics-information":        {(*Router).isisStatistics, isisStatisticsText, false},
	"get-isis-overview-information":          {(*Router).isisOverview, isisOverviewText, false},
	"get-ospf-statistics-information":        {(*Router).ospfStatistics, ospfStatisticsText, false},
	"get-ospf-io-statistics-information":     {(*Router).ospfIO, ospfIOText, false},
	"get-ospf3-statistics-information":       {(*Router).ospf3Statistics, ospfStatisticsText, false},
	"get-ospf3-overview-information":         {(*Router).ospf3Overview, ospfOverviewText, false},
	"get-ospf3-interface-information":        {(*Router).ospf3Interfaces, ospf3InterfacesText, false},
	"get-ospf3-database-information":         {(*Router).ospf3Database, ospf3DatabaseText, false},
	"get-ospf-database-information":          {(*Router).ospfDatabase, ospfDatabaseText, false},
	"get-bfd-session-information":            {(*Router).bfdSessions, bfdSessionsText, true},
	"get-arp-table-information":              {(*Router).arpTable, arpTableText, true},
	"get-ipv6-nd-information":                {(*Router).ndTable, ndTableText, true},
	"get-system-uptime-information":          {(*Router).uptime, uptimeText, false},
	"get-alarm-information":                  {(*Router).alarms, alarmsText, false},
	"get-system-alarm-information":           {(*Router).alarms, alarmsText, false},
	"get-route-engine-information":           {(*Router).routeEngine, routeEngineText, false},
	"get-system-memory-information":          {(*Router).memoryInformation, memoryText, false},
	"get-system-storage":                     {(*Router).storage, storageText, false},
	"get-instance-information":               {(*Router).instances, instancesText, true},
	"get-chassis-inventory":                  {(*Router).chassis, chassisText, false},
	"ping":                                   {(*Router).ping, pingText, false},
	"traceroute":                             {(*Router).traceroute, tracerouteText, false},
	"clear-bgp-neighbor":                     {(*Router).clearBGP, nil, true},
	"clear-ospf-neighbor-information":        {(*Router).clearOSPF, nil, false},
	"restart-routing-process":                {(*Router).restartRouting, nil, false},
	"get-system-process-information":         {(*Router).processes, nil, false},

	"get-interface-filter-information":     {(*Router).interfaceFilters, bindingsText, false},
	"get-interface-policer-information":    {(*Router).interfacePolicers, bindingsText, false},
	"get-statistics-information":           {(*Router).systemStatistics, systemStatisticsText, false},
	"get-system-connections":               {(*Router).connections, nil, false},
	"get-system-information":               {(*Router).systemInformation, systemInformationText, false},
	"get-license-summary-information":      {(*Router).licenses, licensesText, false},
	"get-license-usage-summary":            {(*Router).licenses, licensesText, false},
	"get-routing-task-replication-state":   {(*Router).replication, replicationText, false},
	"get-lldp-neighbor-detail-information": {(*Router).lldpNeighbors, lldpNeighborsText, false},

	"clear-ospf3-neighbor-information": {(*Router).clearOSPF3, nil, false},
	"clear-isis-adjacency-information": {(*Router).clearISIS, nil, false},
	"clear-arp-table":                  {(*Router).clearARP, clearedText, true},
	"clear-ipv6-nd-information":        {(*Router).clearND, clearedText, true},
	"clear-interfaces-statistics":      {(*Router).clearStatistics, nil, false},
	"clear-interfaces-statistics-all":  {(*Router).clearStatistics, nil, false},

	"get-firewall-information":         {(*Router).firewallInformation, firewallText, false},
	"get-firewall-filter-information":  {(*Router).firewallInformation, firewallText, false},
	"get-firewall-counter-information": {(*Router).firewallInformation, firewallText, false},
	"clear-firewall-counters":          {(*Router).clearFirewall, nil, false},
	"clear-all-firewall-conters":       {(*Router).clearFirewall, nil, false}, // Junos spells it so
	"get-firewall-log-information":     {(*Router).firewallLog, firewallLogText, false},
	"clear-firewall-log":               {(*Router).clearFirewallLog, nil, false},
	"get-vrrp-information":             {(*Router).vrrp, vrrpText, true},

	"get-lldp-information":                     {(*Router).lldpGlobal, lldpGlobalText, false},
	"get-lldp-local-info":                      {(*Router).lldpLocal, lldpLocalText, false},
	"get-lldp-interface-neighbors":             {(*Router).lldpNeighbors, lldpNeighborsText, false},
	"get-lldp-interface-neighbors-information": {(*Router).lldpNeighbors, lldpNeighborsText, false},
	"clear-lldp-neighbors":                     {(*Router).clearLLDP, nil, false},
	"clear-lldp-interface-neighbors":           {(*Router).clearLLDP, nil, false},
})
