package llm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOllama asks a real server, whose model may be one of random weights: what is tried is the protocol. CROSSCHECK_OLLAMA is
// the program, for which a model is made, or the address of one that runs and has a model with a context of 4,096 tokens.
func TestOllama(t *testing.T) {
	at := os.Getenv("CROSSCHECK_OLLAMA")
	if at == "" {
		t.Skip("not tried with a real server; set CROSSCHECK_OLLAMA to ollama or to the address of one")
	}
	if !strings.HasPrefix(at, "http") {
		at = startOllama(t, at)
	}
	c := Config{BaseURL: at + "/v1", Model: "any", Context: 100000, Reply: 200, Timeout: 5 * time.Minute, Stall: time.Minute}
	list, err := c.library(&exchange{client: c.client()}).ListModels(t.Context())
	if err != nil || len(list.Models) == 0 {
		t.Fatalf("it has no models: %v", err)
	}
	c.Model = list.Models[0].ID
	m, err := NewOpenAI(c)
	if err != nil {
		t.Fatal(err)
	}
	heard := ""
	w, err := m.Write(t.Context(), ferryPrompt(), func(soFar string) { heard = soFar })
	if all := Failures(err); err != nil && (len(all) != 1 || all[0].Kind != CutOff) {
		t.Fatalf("%+v, %v", w, err)
	}
	if d := m.speaks(); d.plain || d.format != JSONSchema || !strings.HasPrefix(strings.TrimSpace(heard), "{") || w.Usage.Prompt == 0 || w.Usage.Completion == 0 {
		t.Errorf("%+v, heard %q of %+v", d, heard, w.Usage)
	}
	e := &examination{m: m}
	e.context(t.Context())
	if last := e.findings[len(e.findings)-1]; last.Result != Failed || !strings.Contains(last.Hint, "Set llm.context to 4") {
		t.Errorf("a prompt that is truncated: %+v", e.findings)
	}
	m.config.Model = "nobody"
	if _, err := m.Write(t.Context(), ferryPrompt(), nil); len(Failures(err)) != 1 || Failures(err)[0].Kind != NoModel {
		t.Errorf("a model that is not there: %v", err)
	}
}

// startOllama starts a server with a model of random weights, and returns its address.
func startOllama(t *testing.T, program string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "tiny.gguf"), randomModel(), 0o600); err != nil {
		t.Fatal(err)
	}
	template := "FROM ./tiny.gguf\nPARAMETER num_ctx 4096\nTEMPLATE \"\"\"{{ .System }}\n{{ .Prompt }}\n\"\"\"\n"
	if err := os.WriteFile(filepath.Join(folder, "Modelfile"), []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	_ = l.Close()
	env := append(os.Environ(), "OLLAMA_HOST="+host, "OLLAMA_MODELS="+filepath.Join(folder, "models"), "HOME="+folder)
	var said bytes.Buffer
	server := exec.CommandContext(t.Context(), program, "serve")
	server.Env, server.Stderr = env, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	for range 200 {
		if conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", host); err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond) // another process starts
	}
	create := exec.CommandContext(t.Context(), program, "create", "tiny", "-f", "Modelfile")
	create.Dir, create.Env = folder, env
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return "http://" + host
}

// randomModel is the file of a model with one layer of random weights whose tokens are bytes.
func randomModel() []byte {
	const width, inner, heads = 64, 128, 2
	tokens, scores, kinds := []string{"<unk>", "<s>", "</s>"}, []float32{0, 0, 0}, []int32{2, 3, 3}
	for b := range 256 {
		tokens, scores, kinds = append(tokens, fmt.Sprintf("<0x%02X>", b)), append(scores, 0), append(kinds, 6)
	}
	f := &gguf{random: rand.New(rand.NewPCG(1, 2))}
	for _, field := range []struct {
		key   string
		kind  uint32
		value any
	}{
		{"general.architecture", 8, "llama"},
		{"llama.context_length", 4, uint32(4096)},
		{"llama.embedding_length", 4, uint32(width)},
		{"llama.block_count", 4, uint32(1)},
		{"llama.feed_forward_length", 4, uint32(inner)},
		{"llama.attention.head_count", 4, uint32(heads)},
		{"llama.attention.head_count_kv", 4, uint32(heads)},
		{"llama.attention.layer_norm_rms_epsilon", 6, float32(1e-5)},
		{"llama.rope.dimension_count", 4, uint32(width / heads)},
		{"llama.vocab_size", 4, uint32(len(tokens))},
		{"general.file_type", 4, uint32(0)},
		{"tokenizer.ggml.model", 8, "llama"},
		{"tokenizer.ggml.tokens", 8, tokens},
		{"tokenizer.ggml.scores", 6, scores},
		{"tokenizer.ggml.token_type", 5, kinds},
		{"tokenizer.ggml.bos_token_id", 4, uint32(1)},
		{"tokenizer.ggml.eos_token_id", 4, uint32(2)},
		{"tokenizer.ggml.unknown_token_id", 4, uint32(0)},
	} {
		f.field(field.key, field.kind, field.value)
	}
	f.tensor("token_embd.weight", width, len(tokens))
	f.tensor("output.weight", width, len(tokens))
	f.tensor("output_norm.weight", width)
	for _, name := range []string{"attn_norm", "ffn_norm"} {
		f.tensor("blk.0."+name+".weight", width)
	}
	for _, name := range []string{"attn_q", "attn_k", "attn_v", "attn_output"} {
		f.tensor("blk.0."+name+".weight", width, width)
	}
	f.tensor("blk.0.ffn_gate.weight", width, inner)
	f.tensor("blk.0.ffn_up.weight", width, inner)
	f.tensor("blk.0.ffn_down.weight", inner, width)
	return f.file()
}

// gguf is a file of that format: fields, the names and places of tensors, and their numbers.
type gguf struct {
	random             *rand.Rand
	fields, names      bytes.Buffer
	data               bytes.Buffer
	countFields, count uint64
}

func write(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		if s, ok := v.(string); ok {
			write(b, uint64(len(s)), []byte(s))
			continue
		}
		_ = binary.Write(b, binary.LittleEndian, v) // to memory
	}
}

// field writes a field, or a list when there are several values.
func (f *gguf) field(key string, kind uint32, value any) {
	f.countFields++
	write(&f.fields, key)
	const list = uint32(9)
	switch v := value.(type) {
	case []string:
		write(&f.fields, list, kind, uint64(len(v)))
		for _, s := range v {
			write(&f.fields, s)
		}
	case []float32:
		write(&f.fields, list, kind, uint64(len(v)), v)
	case []int32:
		write(&f.fields, list, kind, uint64(len(v)), v)
	default:
		write(&f.fields, kind, v)
	}
}

// tensor writes random numbers; those of one dimension, by which others are multiplied, are 1.
func (f *gguf) tensor(name string, dims ...int) {
	f.count++
	write(&f.names, name, uint32(len(dims)))
	n := 1
	for _, d := range dims {
		n *= d
		write(&f.names, uint64(d))
	}
	write(&f.names, uint32(0), uint64(f.data.Len()))
	numbers := make([]float32, n)
	for i := range numbers {
		numbers[i] = 1
		if len(dims) > 1 {
			numbers[i] = float32(f.random.NormFloat64()) * .1
		}
	}
	write(&f.data, numbers)
	f.data.Write(make([]byte, -f.data.Len()&31))
}

func (f *gguf) file() []byte {
	var b bytes.Buffer
	write(&b, []byte("GGUF"), uint32(3), f.count, f.countFields, f.fields.Bytes(), f.names.Bytes())
	b.Write(make([]byte, -b.Len()&31))
	b.Write(f.data.Bytes())
	return b.Bytes()
}
