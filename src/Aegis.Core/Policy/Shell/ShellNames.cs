namespace Aegis.Core.Policy.Shell;

/// <summary>
/// What the line itself has certainly defined: functions, and variables that hold numbers. Only what stands
/// unconditionally before its use counts; what a branch, a pipe or a subshell defines is forgotten behind it.
/// Arithmetic evaluates the text of variables, commands in it included, so a name is doubtful unless the line
/// set it to a number before, and to nothing else anywhere.
/// </summary>
internal sealed class ShellNames
{
    private readonly Stack<(HashSet<string> Functions, HashSet<string> Numbers)> scopes = new();
    private readonly HashSet<string> texts = [];
    private readonly List<(string Name, int At, bool Known)> uses = [];

    public ShellNames() => scopes.Push(([], []));

    public void Open() => scopes.Push(([], []));

    /// <param name="keep">What it defined holds behind it, too.</param>
    public void Close(bool keep)
    {
        var (functions, numbers) = scopes.Pop();
        if (keep)
        {
            scopes.Peek().Functions.UnionWith(functions);
            scopes.Peek().Numbers.UnionWith(numbers);
        }
    }

    public void DefineFunction(string name) => scopes.Peek().Functions.Add(name);

    public bool IsFunction(string name) => scopes.Any(s => s.Functions.Contains(name));

    public void SetNumber(string name) => scopes.Peek().Numbers.Add(name);

    public void SetText(string name) => texts.Add(name);

    public void UseInArithmetic(string name, int at) =>
        uses.Add((name, at, scopes.Any(s => s.Numbers.Contains(name))));

    public IEnumerable<(string Name, int At)> Doubtful() =>
        uses.Where(u => !u.Known || texts.Contains(u.Name)).Select(u => (u.Name, u.At));
}
