"""VRRP: a router that is alone on its link becomes master."""
import time
import unittest

import router
from jnpr.junos.utils.config import Config

GROUP = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.12.1/29 vrrp-group 7 "


class VRRP(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def state(self):
        return self.dev.rpc.get_vrrp_information().findtext(".//vrrp-state")

    def test_master(self):
        self.assertIn("not running", self.dev.cli("show vrrp", warning=False))
        config = Config(self.dev)
        config.load("delete interfaces ge-0/0/0 unit 0 family inet address\n" + GROUP + "virtual-address 10.0.12.6\n" + GROUP + "priority 150\n"
                    "set protocols vrrp version-3\n" + GROUP + "fast-interval 100", format="set")
        self.assertTrue(config.commit())
        self.addCleanup(self.undo, config)
        deadline = time.monotonic() + 30
        while self.state() != "master" and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.state(), "master")
        detail = self.dev.rpc.get_vrrp_information(detail=True, interface="ge-0/0/0.0")
        self.assertEqual((detail.findtext(".//priority"), detail.findtext(".//virtual-mac")), ("150", "00:00:5e:00:01:07"))
        self.assertRegex(self.dev.cli("show vrrp", warning=False), r"ge-0/0/0.0 +up +7 +master +Active +lcl +10.0.12.1\n +vip +10.0.12.6\n")
        route = self.dev.rpc.get_route_information(destination="10.0.12.6")
        self.assertEqual(route.findtext(".//protocol-name"), "Local")
        self.assertEqual(route.findtext(".//nh-local-interface"), "ge-0/0/0.0")

    def undo(self, config):
        config.rollback(1)
        self.assertTrue(config.commit())


if __name__ == "__main__":
    unittest.main()
