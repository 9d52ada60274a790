"""Firewall filters: commit, count, log, discard, refuse, clear."""
import time
import unittest

import router
from jnpr.junos.exception import CommitError
from jnpr.junos.utils.config import Config

FILTER = """
set interfaces lo0 unit 0 family inet filter input protect-re
set firewall family inet filter protect-re term pings from protocol icmp
set firewall family inet filter protect-re term pings from source-address 10.0.12.2/32
set firewall family inet filter protect-re term pings then count pings
set firewall family inet filter protect-re term pings then log
set firewall family inet filter protect-re term web from protocol tcp
set firewall family inet filter protect-re term web from destination-port http
set firewall family inet filter protect-re term web then count web
set firewall family inet filter protect-re term web then discard
set firewall family inet filter protect-re term rest then accept
"""


class Firewall(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def counters(self, **args):
        reply = self.dev.rpc.get_firewall_filter_information(filtername="protect-re", **args)
        return {c.findtext("counter-name"): int(c.findtext("packet-count")) for c in reply.iter("counter")}

    def logged(self, count):
        """What the log says, once it has that many entries: it is filled beside the filters."""
        deadline = time.monotonic() + 20
        while True:
            entries = self.dev.rpc.get_firewall_log_information().findall(".//log-information")
            if len(entries) >= count or time.monotonic() > deadline:
                return [(e.findtext("filter-name"), e.findtext("action-name"), e.findtext("source-address")) for e in entries]
            time.sleep(0.1)

    def test_filter(self):
        config = Config(self.dev)
        self.assertEqual(len(self.dev.rpc.get_firewall_information().findall(".//filter-name")), 0)
        config.load(FILTER, format="set")
        self.assertTrue(config.commit())
        self.assertEqual(self.counters(), {"pings": 0, "web": 0})
        # The answers to the router's own pings are for the router.
        self.dev.rpc.ping(host="10.0.12.2", count="3", rapid=True)
        self.assertEqual(self.counters(counter="pings"), {"pings": 3})
        self.assertRegex(self.dev.cli("show firewall", warning=False), r"pings +252 +3\n")
        self.assertEqual(self.logged(3), [("protect-re", "A", "10.0.12.2")] * 3)
        self.dev.rpc.clear_firewall_counters(filter="protect-re")
        self.assertEqual(self.counters()["pings"], 0)
        self.dev.rpc.ping(host="10.0.12.2", count="2", rapid=True)
        self.dev.rpc.clear_all_firewall_conters()
        self.assertEqual(self.counters()["pings"], 0)
        config.rollback(1)
        self.assertTrue(config.commit())
        self.assertEqual(len(self.dev.rpc.get_firewall_information().findall(".//filter-name")), 0)

    def test_missing_filter(self):
        config = Config(self.dev)
        config.load("set interfaces ge-0/0/0 unit 0 family inet filter input nowhere", format="set")
        with self.assertRaises(CommitError) as refused:
            config.commit()
        self.assertIn("Referenced filter 'nowhere' is not defined", str(refused.exception))
        config.rollback(0)


if __name__ == "__main__":
    unittest.main()
