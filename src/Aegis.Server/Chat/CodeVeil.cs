using System.Text;

namespace Aegis.Server.Chat;

/// <summary>Leaves code out of an answer as it comes: a founder sees what software can do, not its text. What
/// stands between fences is dropped, whatever pieces it comes in.</summary>
internal sealed class CodeVeil(string instead, Func<string, ValueTask> said)
{
    private const char Fence = '`';
    private const int FenceLength = 3;
    private readonly StringBuilder shown = new();
    private int ticks;
    private bool inside;

    public string Shown => shown.ToString();

    public ValueTask SayAsync(string piece)
    {
        var words = new StringBuilder(piece.Length);
        foreach (var c in piece)
        {
            if (c == Fence)
            {
                if (++ticks == FenceLength)
                {
                    inside = !inside;
                    words.Append(inside ? instead : "");
                    ticks = 0;
                }
                continue;
            }
            if (!inside)
            {
                words.Append(Fence, ticks).Append(c);
            }
            ticks = 0;
        }
        return TellAsync(words);
    }

    /// <summary>Nothing more comes.</summary>
    public ValueTask EndAsync() => TellAsync(new StringBuilder().Append(Fence, inside ? 0 : ticks));

    private ValueTask TellAsync(StringBuilder words)
    {
        shown.Append(words);
        return words.Length > 0 ? said(words.ToString()) : ValueTask.CompletedTask;
    }
}
