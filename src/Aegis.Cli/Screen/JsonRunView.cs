using Aegis.Client;

namespace Aegis.Cli.Screen;

/// <summary>One event a line, as the server sends it.</summary>
internal sealed class JsonRunView(Terminal terminal) : IRunView
{
    public void Show(RunEvent fact, TaskLine? task) => terminal.Json(fact, ClientJson.Default.RunEvent);

    public void End()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
