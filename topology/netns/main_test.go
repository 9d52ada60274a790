package netns

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	RunIfNode()
	os.Exit(m.Run())
}
