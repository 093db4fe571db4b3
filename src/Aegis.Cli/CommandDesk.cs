using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli;

/// <summary>What every command is built and carried out with.</summary>
internal sealed record CommandDesk(Terminal Terminal, Option<bool> Json)
{
    public bool WantsJson(ParseResult parsed) => parsed.GetValue(Json);

    public Connection Connect() => Connection.Find(Terminal.Environment);

    /// <summary>Sets a command's action to one that speaks to the server.</summary>
    public Command Online(Command command, Func<AegisClient, ParseResult, CancellationToken, Task<int>> act)
    {
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = Connect().Open();
            return await act(client, parsed, cancel);
        });
        return command;
    }
}
