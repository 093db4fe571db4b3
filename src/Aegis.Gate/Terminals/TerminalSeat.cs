namespace Aegis.Gate.Terminals;

/// <summary>Who owns a terminal now. Disposing it leaves the terminal running.</summary>
public sealed class TerminalSeat : IDisposable
{
    private readonly LiveTerminal terminal;
    private readonly CancellationTokenSource taken = new();

    internal TerminalSeat(LiveTerminal terminal, long from) => (this.terminal, From) = (terminal, from);

    /// <summary>The first byte that it gets.</summary>
    public long From { get; }

    /// <summary>Cancelled when somebody else has become the owner.</summary>
    public CancellationToken Taken => taken.Token;

    public void Dispose()
    {
        terminal.Leave(this);
        taken.Dispose();
    }

    internal void Take()
    {
        try
        {
            taken.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it is leaving anyway
        }
    }
}
