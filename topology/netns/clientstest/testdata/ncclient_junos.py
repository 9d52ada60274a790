"""ncclient performs the operations that it has for Junos alone."""
import unittest

from lxml import etree
from ncclient.operations import RPCError

import router

SET = "set interfaces ge-0/0/1 description %s"


class Junos(unittest.TestCase):
    def setUp(self):
        self.m = router.ncclient()
        self.addCleanup(self.m.close_session)
        self.m.lock("candidate")
        self.addCleanup(self.m.unlock, "candidate")
        self.addCleanup(self.m.discard_changes)

    ok = router.ok

    def diff(self, rollback=0):
        return self.m.compare_configuration(rollback=rollback).xpath(
            "configuration-information/configuration-output")[0].text or ""

    def changed(self, what):
        self.assertIn("+   description %s;" % what, self.diff())

    def test_load_set(self):
        self.m.load_configuration(action="set", config=[SET % "by-set", "set interfaces ge-0/0/1 mtu 1400"])
        self.changed("by-set")

    def test_load_text(self):
        self.m.load_configuration(format="text", config="interfaces { ge-0/0/1 { description by-text; } }")
        self.changed("by-text")

    def test_load_json(self):
        self.m.load_configuration(format="json", config='{"configuration": {"interfaces": {"interface": [{"name": "ge-0/0/1", "description": "by-json"}]}}}')
        self.changed("by-json")

    def test_load_xml(self):
        self.m.load_configuration(config=etree.XML(
            "<interfaces><interface><name>ge-0/0/1</name><description>by-xml</description></interface></interfaces>"))
        self.changed("by-xml")

    def test_load_replace(self):
        self.m.load_configuration(action="replace", config=etree.XML(
            '<routing-options><static replace="replace"><route><name>198.51.100.0/24</name><discard/></route></static></routing-options>'))
        self.assertIn("-    route 192.0.2.0/24 discard;", self.diff())

    def test_load_override(self):
        whole = self.m.get_configuration(format="text").xpath("configuration-text")[0].text
        self.m.load_configuration(action="override", format="text", config=whole.replace('"to h1"', "by-override"))
        self.changed("by-override")

    def test_load_refused(self):
        with self.assertRaises(RPCError) as caught:
            self.m.load_configuration(action="set", config="set protocols ospff area 0")
        self.assertIn("syntax error", str(caught.exception))

    def test_get_configuration(self):
        for form, path in (("xml", "configuration/system/host-name"), ("text", "configuration-text"), ("set", "configuration-set")):
            with self.subTest(format=form):
                self.assertIn("r1", self.m.get_configuration(format=form).xpath(path)[0].text)
        self.assertIn("host-name", self.m.get_configuration(format="json").tostring.decode())

    def test_get_configuration_filtered(self):
        reply = self.m.get_configuration(filter=etree.XML("<configuration><system><host-name/></system></configuration>"))
        self.assertEqual([e.tag for e in reply.xpath("configuration/*")], ["system"])

    def test_command(self):
        text = self.m.command("show version", format="text").xpath("output")[0].text
        self.assertIn("Hostname: r1", text)
        self.assertEqual(self.m.command("show version").xpath("software-information/host-name")[0].text, "r1")

    def test_command_refused(self):
        with self.assertRaises(RPCError):
            self.m.command("show versoin", format="text")

    def test_rpc(self):
        reply = self.m.rpc("<get-interface-information><terse/></get-interface-information>")
        names = [e.text.strip() for e in reply.xpath("interface-information/physical-interface/name")]
        self.assertEqual(names, ["ge-0/0/0", "ge-0/0/1", "lo0"])

    def test_check(self):
        self.m.load_configuration(action="set", config=SET % "checked")
        self.ok(self.m.commit(check=True))
        self.changed("checked")

    def test_confirmed_and_rollback(self):
        self.m.load_configuration(action="set", config=SET % "confirmed")
        self.ok(self.m.commit(confirmed=True, timeout="120", comment="two minutes"))
        self.ok(self.m.commit())
        self.ok(self.m.rollback(2))  # 1 is the one that was confirmed
        self.assertIn("+   description \"to h1\";", self.diff())
        self.ok(self.m.commit(synchronize=True))
        self.assertEqual(self.diff().strip(), "")

    def test_refused_commit(self):
        self.m.load_configuration(action="set", config="set protocols bgp group peers import not-there")
        with self.assertRaises(RPCError) as caught:
            self.m.commit()
        self.assertIn("not-there", str(caught.exception))

    def test_rollback_too_far(self):
        with self.assertRaises(RPCError):
            self.m.rollback(49)


if __name__ == "__main__":
    unittest.main()
