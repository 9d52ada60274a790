package testplans

import (
	"testing"
)

func TestPeek(t *testing.T) {
	p, err := Load("testdata/ring.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Cases {
		t.Log(c.ID, c.Title, c.Params)
		for _, s := range c.Steps {
			t.Log("   ", s.Pos, s.Title)
		}
	}
	t.Logf("%+v", p.Streams)
}
