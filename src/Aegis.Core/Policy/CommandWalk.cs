namespace Aegis.Core.Policy;

/// <summary>Goes through every simple command of a line, those behind <c>sh -c</c> too.</summary>
internal static class CommandWalk
{
    /// <summary>True where one fits, and where the line cannot be read: nobody knows what is on
    /// it.</summary>
    public static bool Any(string line, Func<SimpleCommand, bool> fits, int nesting = 0)
    {
        var parsed = CommandLine.Parse(line);
        return parsed.Error is not null || parsed.Commands.Any(command => fits(command)
            || (ShellInvocation.InnerLine(command) is { } inner
                && (nesting == CommandPolicy.NestingMax || Any(inner, fits, nesting + 1))));
    }
}
