package scope

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// A token is what a person signs with: the seed of an Ed25519 key. It stays
// with the person. The engagement knows only the public key, with which a
// signature can be verified and not made, so that neither the token nor
// anything that could replace it is ever sent or on record.
const tokenPrefix = "ccl-"

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewToken makes a token and its public key.
func NewToken() (token, key string, err error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", err
	}
	return tokenPrefix + tokenText.EncodeToString(private.Seed()), base64.StdEncoding.EncodeToString(public), nil
}

// ErrToken means that a text is no token.
var ErrToken = errors.New("this is no token; a token begins with ccl- and was given out when the engagement was started")

func privateKey(token string) (ed25519.PrivateKey, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(token), tokenPrefix)
	seed, err := tokenText.DecodeString(text)
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrToken
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// A Statement is what a signature says.
type Statement struct {
	Engagement string `json:"engagement"`
	Action     string `json:"action"` // sign, waive, …
	Hash       string `json:"hash"`   // of what is signed
	Nonce      string `json:"nonce"`  // makes each signature another one
}

// A Signature is a statement's, by the holder of a key.
type Signature struct {
	Key   string `json:"key"`
	Nonce string `json:"nonce"`
	Value string `json:"value"`
}

// Sign signs a statement with a token; the nonce is made here.
func Sign(token string, s Statement) (*Signature, error) {
	key, err := privateKey(token)
	if err != nil {
		return nil, err
	}
	s.Nonce = rand.Text()
	return &Signature{
		Key:   base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)),
		Nonce: s.Nonce,
		Value: base64.StdEncoding.EncodeToString(ed25519.Sign(key, s.bytes())),
	}, nil
}

// Verify reports whether the signature is one of the statement, by the key
// that it names. It depends on nothing else.
//
//workflowcheck:ignore
func (g *Signature) Verify(s Statement) bool {
	s.Nonce = g.Nonce
	key, err := base64.StdEncoding.DecodeString(g.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	value, err := base64.StdEncoding.DecodeString(g.Value)
	return err == nil && ed25519.Verify(ed25519.PublicKey(key), s.bytes(), value)
}

func (s Statement) bytes() []byte {
	return framed("ccl engagement statement", s.Engagement, s.Action, s.Hash, s.Nonce)
}

// framed puts texts behind each other, each after its length, so that no two
// lists of texts make the same bytes.
func framed(texts ...string) []byte {
	var all []byte
	for _, t := range texts {
		all = strconv.AppendInt(all, int64(len(t)), 10)
		all = append(append(append(all, ' '), t...), '\n')
	}
	return all
}

// Hash is the sha256 of a list of texts, as hexadecimal digits. It depends on
// nothing else.
//
//workflowcheck:ignore
func Hash(texts ...string) string {
	sum := sha256.Sum256(framed(texts...))
	return hex.EncodeToString(sum[:])
}
