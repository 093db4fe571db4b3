using System.Runtime.InteropServices;

namespace Aegis.Cli.Terminals;

/// <summary>Hands every key through as it is typed, until disposed: Ctrl-C goes to the program at the other
/// end, and it does the echo.</summary>
internal sealed unsafe class RawMode : IDisposable
{
    private const int Stdin = 0;
    private const int Drain = 1;
    private const int StateBytes = 256;
    private readonly byte[] before;

    private RawMode(byte[] before) => this.before = before;

    /// <summary>Null where stdin is no terminal.</summary>
    public static RawMode? Enter()
    {
        var state = new byte[StateBytes];
        fixed (byte* at = state)
        {
            if (tcgetattr(Stdin, at) != 0)
            {
                return null;
            }
            var before = state.ToArray();
            cfmakeraw(at);
            _ = tcsetattr(Stdin, Drain, at);
            return new RawMode(before);
        }
    }

    public void Dispose()
    {
        fixed (byte* at = before)
        {
            _ = tcsetattr(Stdin, Drain, at);
        }
    }

    [DllImport("libc")]
    private static extern int tcgetattr(int fd, byte* state);

    [DllImport("libc")]
    private static extern int tcsetattr(int fd, int when, byte* state);

    [DllImport("libc")]
    private static extern void cfmakeraw(byte* state);
}
