using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>How a watched run is shown: a live screen, plain lines, or JSON lines.</summary>
internal interface IRunView : IAsyncDisposable
{
    void Show(RunEvent fact, TaskLine? task);

    /// <summary>After the last event.</summary>
    void End();
}
