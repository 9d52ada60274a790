"""PyEZ's Config loads every format in every way, and takes it back."""
import unittest

from lxml import etree

from jnpr.junos.exception import ConfigLoadError, LockError
from jnpr.junos.utils.config import Config

import router

TEXT = 'interfaces { ge-0/0/1 { description "%s"; } }'
SET = 'set interfaces ge-0/0/1 description "%s"'
XML = ("<configuration><interfaces><interface><name>ge-0/0/1</name>"
       "<description>%s</description></interface></interfaces></configuration>")
JSON = ('{"configuration": {"interfaces": {"interface": ['
        '{"name": "ge-0/0/1", "description": "%s"}]}}}')


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def setUp(self):
        self.cu = Config(self.dev)
        self.cu.lock()
        self.addCleanup(self.cu.unlock)
        self.addCleanup(self.cu.rollback)

    def described(self, what):
        """Asserts the candidate differs in the description alone."""
        diff = self.cu.diff()
        self.assertIsNotNone(diff)
        self.assertIn("[edit interfaces ge-0/0/1]", diff)
        changes = [line for line in diff.splitlines() if line.startswith(("+", "-"))]
        self.assertEqual(changes, ['-   description "to h1";', "+   description %s;" % what])
        self.assertTrue(self.cu.commit_check())

    def test_nothing_changed(self):
        self.assertIsNone(self.cu.diff())
        self.assertTrue(self.cu.commit_check())

    def test_text(self):
        self.cu.load(TEXT % "in-text", format="text", merge=True)
        self.described("in-text")

    def test_set(self):
        self.cu.load(SET % "in-set", format="set")
        self.described("in-set")

    def test_xml(self):
        self.cu.load(XML % "in-xml", format="xml", merge=True)
        self.described("in-xml")

    def test_xml_element(self):
        self.cu.load(etree.XML(XML % "in-element"), merge=True)
        self.described("in-element")

    def test_json(self):
        self.cu.load(JSON % "in-json", format="json", merge=True)
        self.described("in-json")

    def test_guessed_format(self):
        self.cu.load(SET % "guessed")
        self.described("guessed")

    def test_template(self):
        from jinja2 import Template
        self.cu.load(template=Template(TEXT % "{{ what }}"), template_vars={"what": "templated"}, format="text", merge=True)
        self.described("templated")

    def test_update(self):
        whole = self.dev.rpc.get_config(options={"format": "text"}).text
        self.cu.load(whole.replace('"to h1"', "updated"), format="text", update=True)
        self.described("updated")

    def test_override(self):
        whole = self.dev.rpc.get_config(options={"format": "text"}).text
        self.cu.load(whole.replace('"to h1"', "overridden"), format="text", overwrite=True)
        self.described("overridden")

    def test_override_xml(self):
        whole = self.dev.rpc.get_config(filter_xml=None)
        whole.xpath("interfaces/interface[name='ge-0/0/1']/description")[0].text = "overridden"
        self.cu.load(whole, overwrite=True)
        self.described("overridden")

    def test_override_json(self):
        import json
        whole = self.dev.rpc.get_config(options={"format": "json"})
        (port,) = [i for i in whole["configuration"]["interfaces"]["interface"] if i["name"] == "ge-0/0/1"]
        port["description"] = "overridden"
        self.cu.load(json.dumps(whole), format="json", overwrite=True)
        self.described("overridden")

    def test_replace(self):
        self.cu.load("routing-options { replace: static { route 198.51.100.0/24 discard; } }", format="text", merge=False)
        diff = self.cu.diff()
        self.assertIn("-    route 192.0.2.0/24 discard;", diff)
        self.assertIn("+    route 198.51.100.0/24 discard;", diff)

    def test_replace_xml(self):
        self.cu.load('<configuration><routing-options><static replace="replace"><route><name>198.51.100.0/24</name>'
                     "<discard/></route></static></routing-options></configuration>", format="xml", merge=False)
        diff = self.cu.diff()
        self.assertIn("-    route 192.0.2.0/24 discard;", diff)
        self.assertIn("+    route 198.51.100.0/24 discard;", diff)

    def test_delete_xml(self):
        self.cu.load('<configuration><routing-options><static delete="delete"/></routing-options></configuration>',
                     format="xml", merge=True)
        self.assertIn("-   static {", self.cu.diff())

    def test_deactivate_xml(self):
        self.cu.load('<configuration><routing-options><static inactive="inactive"/></routing-options></configuration>',
                     format="xml", merge=True)
        self.assertIn("inactive: static", self.cu.diff())

    def test_delete_set(self):
        self.cu.load("delete routing-options static\ndelete interfaces ge-0/0/1 description", format="set")
        self.assertIn("-   static {", self.cu.diff())

    def test_delete_what_is_not_there(self):
        with self.assertRaises(ConfigLoadError) as caught:
            self.cu.load("delete routing-options static route 10.9.9.0/24", format="set")
        self.assertIn("statement not found", str(caught.exception))
        self.assertEqual(caught.exception.rpc_error["severity"], "warning")
        self.cu.load("delete routing-options static route 10.9.9.0/24", format="set", ignore_warning="statement not found")

    def test_refused(self):
        for form, text in (("set", "set protocols ospff area 0"), ("text", "protocols { ospff { area 0; } }"),
                           ("xml", "<configuration><protocols><ospff/></protocols></configuration>"),
                           ("json", '{"configuration": {"protocols": {"ospff": {}}}}')):
            with self.subTest(format=form):
                with self.assertRaises(ConfigLoadError) as caught:
                    self.cu.load(text, format=form, merge=form != "set")
                self.assertIn("syntax error", str(caught.exception))
                self.assertIn("ospff", str(caught.exception))
                self.assertIsNone(self.cu.diff())

    def test_lock_of_another(self):
        with router.pyez() as other:
            with self.assertRaises(LockError):
                Config(other).lock()


if __name__ == "__main__":
    unittest.main()
