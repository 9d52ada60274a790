package scope_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/workflows/scope"
)

func TestSignature(t *testing.T) {
	token, key, err := scope.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := scope.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	said := scope.Statement{Engagement: "acme-ring", Action: "sign", Hash: scope.Hash("a")}
	signature, err := scope.Sign(" "+token+"\n", said) // as it comes from a file
	if err != nil {
		t.Fatal(err)
	}
	if signature.Key != key || !signature.Verify(said) {
		t.Error("the signature does not hold")
	}
	again, err := scope.Sign(token, said)
	if err != nil || again.Value == signature.Value {
		t.Errorf("two signatures are the same: %v", err)
	}
	for name, forged := range map[string]scope.Statement{
		"another engagement": {Engagement: "acme", Action: said.Action, Hash: said.Hash},
		"another action":     {Engagement: said.Engagement, Action: "cancel", Hash: said.Hash},
		"another hash":       {Engagement: said.Engagement, Action: said.Action, Hash: scope.Hash("b")},
	} {
		if signature.Verify(forged) {
			t.Errorf("%s: the signature holds", name)
		}
	}
	theirs, err := scope.Sign(other, said)
	if err != nil {
		t.Fatal(err)
	}
	theirs.Key = key
	if theirs.Verify(said) {
		t.Error("a signature by another token holds")
	}
	for _, bad := range []scope.Signature{{}, {Key: "?"}, {Key: key, Value: "?"}, {Key: "AAAA", Value: signature.Value}} {
		if bad.Verify(said) {
			t.Errorf("%+v holds", bad)
		}
	}
}

func TestNoToken(t *testing.T) {
	token, _, err := scope.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "ccl-", strings.TrimPrefix(token, "ccl-"), token + "a", strings.ToUpper(token)} {
		if _, err := scope.Sign(text, scope.Statement{}); !errors.Is(err, scope.ErrToken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHash(t *testing.T) {
	seen := map[string]int{}
	for i, texts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"1 a\n"}, {"a\n1 b"}} {
		h := scope.Hash(texts...)
		if j, twice := seen[h]; twice || len(h) != 64 || h != scope.Hash(texts...) {
			t.Errorf("lists %d and %d have the hash %s", j, i, h)
		}
		seen[h] = i
	}
}
