"""PyEZ reads the configuration in every format, whole and in part."""
import unittest

from lxml import etree

import router


class GetConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def get(self, filter_xml=None, **options):
        return self.dev.rpc.get_config(filter_xml=filter_xml, options=options)

    def test_xml(self):
        reply = self.get()
        self.assertEqual(reply.tag, "configuration")
        self.assertEqual(reply.findtext("system/host-name"), "r1")
        self.assertIsNotNone(reply.get("commit-seconds", reply.get("changed-seconds")))

    def test_text(self):
        reply = self.get(format="text")
        self.assertEqual(reply.tag, "configuration-text")
        self.assertIn("    host-name r1;\n", reply.text)

    def test_set(self):
        reply = self.get(format="set")
        self.assertEqual(reply.tag, "configuration-set")
        self.assertIn("set routing-options autonomous-system 65001\n", reply.text)

    def test_json(self):
        reply = self.get(format="json")
        self.assertEqual(reply["configuration"]["system"]["host-name"], "r1")

    def test_subtree(self):
        reply = self.get(filter_xml=etree.XML(
            "<configuration><interfaces><interface><name>lo0</name></interface></interfaces></configuration>"))
        self.assertEqual([n.text for n in reply.findall("interfaces/interface/name")], ["lo0"])
        self.assertIsNone(reply.find("system"))

    def test_subtree_by_path(self):
        reply = self.get(filter_xml="routing-options/static")
        self.assertEqual(reply.findtext("routing-options/static/route/name"), "192.0.2.0/24")
        self.assertIsNone(reply.find("protocols"))

    def test_subtree_in_text(self):
        reply = self.get(filter_xml="protocols/bgp", format="text")
        self.assertIn("neighbor 10.0.12.2", reply.text)
        self.assertNotIn("ospf", reply.text)

    def test_names_only(self):
        reply = self.dev.rpc.get_config(filter_xml=etree.XML(
            '<configuration><interfaces><interface recurse="false"/></interfaces></configuration>'))
        self.assertEqual([n.text for n in reply.findall("interfaces/interface/name")], ["ge-0/0/0", "ge-0/0/1", "lo0"])

    def test_databases(self):
        for database in ("committed", "candidate"):
            with self.subTest(database=database):
                self.assertEqual(self.get(database=database, inherit="inherit").findtext("system/host-name"), "r1")

    def test_normalized(self):
        reply = self.dev.rpc.get_config(normalize=True)
        self.assertEqual(reply.xpath("protocols/bgp/group[name='peers']/type")[0].text, "external")


class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def test_text(self):
        self.assertIn("Hostname: r1", self.dev.cli("show version", warning=False))

    def test_configuration(self):
        self.assertIn("host-name r1;", self.dev.cli("show configuration system", warning=False))

    def test_xml(self):
        self.assertEqual(self.dev.cli("show version", format="xml", warning=False).findtext("host-name"), "r1")

    def test_its_rpc(self):
        rpc = self.dev.display_xml_rpc("show interfaces ge-0/0/0 terse")
        self.assertEqual(rpc.tag, "get-interface-information")
        self.assertEqual(rpc.findtext("interface-name"), "ge-0/0/0")

    def test_unknown(self):
        self.assertIn("invalid command", self.dev.display_xml_rpc("shwo version"))


if __name__ == "__main__":
    unittest.main()
