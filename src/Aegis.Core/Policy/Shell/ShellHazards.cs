namespace Aegis.Core.Policy.Shell;

/// <summary>Constructs that evaluate text which no reader of the line has seen.</summary>
internal static class ShellHazards
{
    public static ShellHazard Arithmetic(string name, int at) => new("shell.arithmetic", at + 1,
        $"arithmetic evaluates what {name} holds, commands in it included",
        "set it to a number on the same line first, or reckon in a program");

    public static ShellHazard Subscript(int at) => new("shell.subscript", at + 1,
        "a subscript is evaluated, commands in it included", "use a number, @ or *");

    public static ShellHazard Indirect(int at) => new("shell.indirect", at + 1,
        "the name of a variable comes from another one", "name the variable itself");

    public static ShellHazard Prompt(int at) => new("shell.prompt", at + 1,
        "a value is expanded as a prompt, commands in it included", "leave @P out");

    public static ShellHazard Coprocess(int at) => new("shell.coprocess", at + 1,
        "it runs beside the line", "use a pipe");
}
