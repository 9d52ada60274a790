package xmltree_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

func TestReadAndWrite(t *testing.T) {
	cases := map[string]struct{ in, want string }{
		"prefixes":   {`<nc:rpc xmlns:nc="x" nc:message-id="1"><a/></nc:rpc>`, "<rpc message-id=\"1\">\n<a/>\n</rpc>\n"},
		"text":       {"<a> x &lt; y </a>", "<a> x &lt; y </a>\n"},
		"quotes":     {`<a b="&quot;">"</a>`, "<a b=\"&quot;\">\"</a>\n"},
		"whitespace": {"<a>\n  <b>1</b>\n  <b>2</b>\n</a>", "<a>\n<b>1</b>\n<b>2</b>\n</a>\n"},
		"comments":   {"<!-- c --><a><!-- c --></a>", "<a/>\n"},
	}
	for name, c := range cases {
		e, err := xmltree.Parse([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, e.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMalformed(t *testing.T) {
	for _, in := range []string{"", "text", "<a>", "<a/><b/>", "<a></b>", "</a>", "<!-- -->"} {
		if e, err := xmltree.Parse([]byte(in)); err == nil {
			t.Errorf("%q: read as %s", in, e)
		}
	}
}

func TestJSON(t *testing.T) {
	e := xmltree.New("top").Set("xmlns", "x").
		Add(xmltree.Leaf("leaf", "1").Set("junos:format", "one"), xmltree.Leaf("leaf", "2"), xmltree.New("empty"))
	const want = `{"top":[{"attributes":{"xmlns":"x"},"empty":[{"data":[null]}],"leaf":[{"attributes":{"junos:format":"one"},"data":"1"},{"data":"2"}]}]}`
	var value any
	if err := json.Unmarshal([]byte(e.JSON()), &value); err != nil {
		t.Fatalf("%v in %s", err, e.JSON())
	}
	got, err := json.Marshal(value)
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

// FuzzParse: what was read can be written and read again, the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<a b="c">d</a>`))
	f.Add([]byte("<a><b/>text<c>&#10;</c></a>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		e, err := xmltree.Parse(doc)
		if err != nil {
			return
		}
		again, err := xmltree.Parse([]byte(e.String()))
		if err != nil {
			t.Fatalf("written as %q: %v", e, err)
		}
		if e.String() != again.String() && len(e.Children) == 0 {
			t.Fatalf("%q became %q", e, again)
		}
	})
}
