using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Aegis.Client;

namespace Aegis.Cli;

/// <summary>What every command is built and carried out with.</summary>
internal sealed record CommandDesk(Terminal Terminal, Option<bool> Json)
{
    public bool WantsJson(ParseResult parsed) => parsed.GetValue(Json);

    /// <summary>Writes an answer as JSON where that is asked for, else as one line.</summary>
    public int Write<T>(ParseResult parsed, T answer, JsonTypeInfo<T> type, string line)
    {
        if (WantsJson(parsed))
        {
            Terminal.Json(answer, type);
        }
        else
        {
            Terminal.Out.WriteLine(line);
        }
        return ExitCode.Ok;
    }

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
