"""PyEZ's own operational tables, filled from a router that has converged."""
import unittest

import router


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def table(self, catalogue, name, **args):
        return router.tables(catalogue)[name](self.dev).get(**args)

    def test_routes(self):
        routes = self.table("routes", "RouteTable", protocol="bgp")
        self.assertEqual(routes.keys(), ["203.0.113.0/24"])
        route = routes["203.0.113.0/24"]
        self.assertEqual((route.protocol, route.nexthop, route.via), ("BGP", "10.0.12.2", "ge-0/0/0.0"))
        self.assertGreaterEqual(route.age, 0)

    def test_one_route(self):
        routes = self.table("routes", "RouteTable", destination="10.255.0.2")
        route = routes["10.255.0.2/32"]
        self.assertEqual((route.protocol, route.nexthop, route.via), ("OSPF", "10.0.12.2", "ge-0/0/0.0"))

    def test_route_summary(self):
        summary = self.table("routes", "RouteSummaryTable")["inet.0"]
        self.assertGreater(summary.dests, 0)
        self.assertEqual(summary.proto["BGP"].active, 1)
        self.assertEqual(summary.proto["Static"].count, 1)

    def test_bgp(self):
        (peer,) = self.table("bgp", "bgpTable")
        self.assertEqual((peer.local_as, peer.peer_as), ("65001", "65002"))
        self.assertEqual((peer.local_id, peer.peer_id), ("10.255.0.1", "10.255.0.2"))
        self.assertRegex(peer.local_address, r"^10\.0\.12\.1\+\d+$")
        self.assertEqual(peer.route_received, "1")

    def test_ospf_neighbors(self):
        neighbors = self.table("ospf", "OspfNeighborTable")
        self.assertEqual(neighbors.keys(), [("ge-0/0/0.0", "10.255.0.2")])
        self.assertEqual(neighbors[0].ospf_neighbor_state, "Full")
        self.assertEqual(neighbors[0].neighbor_address, "10.0.12.2")
        self.assertEqual(neighbors[0].ospf_area, "0.0.0.0")

    def test_ospf_interfaces(self):
        interfaces = self.table("ospf", "OspfInterfaceTable")
        self.assertEqual(sorted(interfaces.keys()), ["ge-0/0/0.0", "ge-0/0/1.0", "lo0.0"])
        self.assertEqual(interfaces["ge-0/0/0.0"].neighbor_count, "1")

    def test_ospf_overview(self):
        (overview,) = self.table("ospf", "ospfTable")
        self.assertEqual((overview.router_id, overview.area), ("10.255.0.1", "0.0.0.0"))
        # PyEZ's view looks for the count one level too high for recent Junos.
        self.assertEqual(self.dev.rpc.get_ospf_overview_information().findtext(".//ospf-nbr-up-count"), "1")

    def test_ospf_routes(self):
        routes = self.table("ospf", "OspfRoutesTable")
        self.assertEqual(routes["10.255.0.2/32"].interface, "ge-0/0/0.0")

    def test_ethernet_ports(self):
        ports = self.table("ethport", "EthPortTable")
        self.assertEqual(ports.keys(), ["ge-0/0/0", "ge-0/0/1"])
        port = ports["ge-0/0/0"]
        self.assertEqual((port.oper, port.admin, port.description, port.mtu), ("up", "up", "to r2", 1514))
        self.assertTrue(port.running and port.present)
        self.assertRegex(port.macaddr, r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
        self.assertGreater(int(port.rx_packets), 0)
        self.assertGreater(int(port.tx_bytes), 0)

    def test_one_ethernet_port(self):
        self.assertEqual(self.table("ethport", "EthPortTable", interface_name="ge-0/0/1").keys(), ["ge-0/0/1"])

    def test_physical_ports(self):
        port = self.table("phyport", "PhyPortTable")["ge-0/0/0"]
        self.assertEqual((port.oper, port.mtu), ("up", 1514))
        stats = self.table("phyport", "PhyPortStatsTable")["ge-0/0/0"]
        self.assertGreater(stats.rx_packets, 0)
        self.assertEqual(stats.rx_err_input, 0)
        errors = self.table("phyport", "PhyPortErrorTable")["ge-0/0/0"]
        self.assertEqual(errors.tx_err_output, 0)

    def test_arp(self):
        entries = {e.ip_address: e for e in self.table("arp", "ArpTable")}
        self.assertRegex(entries["10.0.12.2"].mac_address, r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
        self.assertTrue(entries["10.0.12.2"].interface_name.startswith("ge-0/0/0.0"))

    def test_lldp(self):
        neighbors = self.table("lldp", "LLDPNeighborTable")
        self.assertEqual(neighbors.keys(), ["ge-0/0/0"])
        r2 = neighbors["ge-0/0/0"]
        self.assertEqual((r2.remote_sysname, r2.remote_port_desc, r2.remote_port_id), ("r2", "to r1", "501"))
        self.assertEqual((r2.remote_type, r2.local_parent), ("Mac address", "-"))
        self.assertRegex(r2.remote_chassis_id, r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")

    def test_lldp_of_one_interface(self):
        detail = self.dev.rpc.get_lldp_interface_neighbors(interface_device="ge-0/0/0")
        self.assertEqual(detail.findtext(".//lldp-remote-management-address"), "10.255.0.2")
        self.assertEqual(len(self.dev.rpc.get_lldp_interface_neighbors(interface_device="ge-0/0/1").findall(".//lldp-index")), 0)

    def test_isis_that_is_not_configured(self):
        self.assertEqual(len(self.table("isis", "IsisAdjacencyTable")), 0)

    def test_inventory(self):
        self.assertEqual(len(self.table("xcvr", "XcvrTable")), 0)

    def test_what_the_router_has_not(self):
        for catalogue, name in [
            ("ldp", "LdpNeighborTable"), ("l2circuit", "L2CircuitConnectionTable"), ("lacp", "LacpPortTable"),
            ("ccc", "CCCTable"), ("teddb", "TedTable"), ("vlan", "VlanTable"),
            ("ethernetswitchingtable", "EthernetSwitchingTable"),
            ("fpc", "FpcInfoTable"), ("fpc", "FpcHwTable"), ("intopticdiag", "PhyPortDiagTable"),
        ]:
            with self.subTest(name):
                self.assertEqual(len(self.table(catalogue, name)), 0)

    def test_forwarding_table(self):
        table = self.dev.rpc.get_forwarding_table_information(destination="203.0.113.0/24")
        (entry,) = table.findall(".//rt-entry")
        self.assertEqual((entry.findtext("destination-type"), entry.findtext("nh/nh-type")), ("user", "ucst"))
        self.assertEqual((entry.findtext("nh/to"), entry.findtext("nh/via")), ("10.0.12.2", "ge-0/0/0.0"))

    def test_ospf_statistics(self):
        hello = self.dev.rpc.get_ospf_statistics_information().xpath(".//packet-statistics[ospf-packet-type='Hello']")[0]
        self.assertGreater(int(hello.findtext("packets-received")), 0)

    def test_protocol_statistics(self):
        tcp = self.dev.rpc.get_statistics_information(tcp=True).find("tcp")
        self.assertGreater(int(tcp.findtext("packets-received")), 0)


if __name__ == "__main__":
    unittest.main()
