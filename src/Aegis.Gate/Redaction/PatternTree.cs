namespace Aegis.Gate.Redaction;

// Aho-Corasick over bytes. A dense table for every state would cost 1 KiB per pattern byte, so only the root
// and the states one byte deep, where nearly all of a log is read, have one; deeper states keep a list of
// children and fall back along failure links, which is still linear in the input.

/// <summary>All patterns of a redactor in one automaton. Immutable after it is built, shared by
/// streams.</summary>
internal sealed class PatternTree
{
    private const int Root = 0;
    private readonly List<Node> _nodes = [new()];
    private readonly int[] _rootNext = new int[256];
    private int[]?[] _rows = [];
    private Node[] _built = [];

    private readonly HashSet<uint> _starts = [];

    /// <summary>Tells where no pattern begins: all of that can be skipped over.</summary>
    public StartFilter Starts { get; private set; } = new([]);

    public void Add(ReadOnlySpan<byte> pattern, int anchor = 0)
    {
        _starts.Add(StartFilter.StartOf(pattern));
        var at = Root;
        foreach (var b in pattern)
        {
            if (anchor == 0)
            {
                _nodes[at] = _nodes[at] with { BeginsSecret = true };
            }
            at = Child(at, b) is var next and > 0 ? next : Append(at, b);
        }
        var node = _nodes[at];
        node.Anchor = anchor == 0 ? node.Anchor : anchor;
        node.Secret = anchor == 0 ? pattern.Length : node.Secret;
        _nodes[at] = node;
    }

    public void Build()
    {
        var order = BreadthFirst();
        foreach (var at in order)
        {
            LinkFailure(at);
        }
        for (var b = 0; b < 256; b++)
        {
            _rootNext[b] = Child(Root, (byte)b);
        }
        _built = [.. _nodes];
        _rows = new int[_built.Length][];
        _rows[Root] = _rootNext;
        foreach (var at in order.Where(at => _built[at].Depth == 1))
        {
            _rows[at] = Enumerable.Range(0, 256)
                .Select(b => Child(at, (byte)b) is var next and > 0 ? next : _rootNext[b]).ToArray();
        }
        Starts = new StartFilter(_starts);
    }

    public int Next(int state, byte b)
    {
        while (true)
        {
            if (_rows[state] is { } row)
            {
                return row[b];
            }
            for (var child = _built[state].FirstChild; child != 0; child = _built[child].NextSibling)
            {
                if (_built[child].Byte == b)
                {
                    return child;
                }
            }
            state = _built[state].Failure;
        }
    }

    public int Depth(int state) => _built[state].Depth;

    /// <summary>How many of the last bytes may be the beginning of a secret. An anchor is known to everybody:
    /// what matters stands behind it.</summary>
    public int Pending(int state) => _built[state].Pending;

    /// <summary>The length of the longest secret that ends here, 0 for none.</summary>
    public int SecretEnding(int state) => _built[state].Secret;

    /// <summary>The anchor that ends here, 0 for none. No anchor is the end of another.</summary>
    public int AnchorEnding(int state) => _built[state].Anchor;

    private int Child(int at, byte b)
    {
        for (var child = _nodes[at].FirstChild; child != 0; child = _nodes[child].NextSibling)
        {
            if (_nodes[child].Byte == b)
            {
                return child;
            }
        }
        return 0;
    }

    private int Append(int parent, byte b)
    {
        var node = _nodes[parent];
        _nodes.Add(new Node
        {
            Byte = b,
            Parent = parent,
            Depth = node.Depth + 1,
            NextSibling = node.FirstChild,
        });
        node.FirstChild = _nodes.Count - 1;
        _nodes[parent] = node;
        return node.FirstChild;
    }

    private List<int> BreadthFirst()
    {
        var order = new List<int> { Root };
        for (var i = 0; i < order.Count; i++)
        {
            for (var child = _nodes[order[i]].FirstChild; child != 0; child = _nodes[child].NextSibling)
            {
                order.Add(child);
            }
        }
        order.RemoveAt(0);
        return order;
    }

    private void LinkFailure(int at)
    {
        var node = _nodes[at];
        if (node.Parent != Root)
        {
            var fall = _nodes[node.Parent].Failure;
            while (Child(fall, node.Byte) == 0 && fall != Root)
            {
                fall = _nodes[fall].Failure;
            }
            node.Failure = Child(fall, node.Byte);
        }
        var behind = _nodes[node.Failure];
        node.Secret = node.Secret == 0 ? behind.Secret : node.Secret;
        node.Anchor = node.Anchor == 0 ? behind.Anchor : node.Anchor;
        node.Pending = node.BeginsSecret ? node.Depth : behind.Pending;
        _nodes[at] = node;
    }

    private struct Node
    {
        public byte Byte;
        public int Parent;
        public int Depth;
        public int Pending;
        public bool BeginsSecret;
        public int FirstChild;
        public int NextSibling;
        public int Failure;
        public int Secret;
        public int Anchor;
    }
}
