using System.Globalization;

namespace Aegis.Durability;

/// <summary>The command line.</summary>
/// <param name="Seed">Decides victims, moments and order.</param>
/// <param name="Points">How many points; all by default.</param>
/// <param name="Only">One point alone, by its number.</param>
/// <param name="SelfProof">Judge the sabotaged builds; each must fail.</param>
/// <param name="Sabotage">Build and judge one sabotaged server: fence, call-first or ask-again.</param>
/// <param name="Scenario">Another workflow with the same names of steps; null for the harness's own.</param>
/// <param name="Line">The assembly line in place of the first scenario.</param>
/// <param name="Zombies">Only the servers that wake up too late.</param>
/// <param name="Server">Judges this build; null for the one beside the harness.</param>
/// <param name="Keep">Leave the theatre's folder for a look.</param>
internal sealed record HarnessOptions(int Seed = 20261, int Points = int.MaxValue, int? Only = null,
    bool SelfProof = false, string? Sabotage = null, string? Server = null, bool Keep = false,
        bool Check = false,
    string? Scenario = null, bool Zombies = false, bool Line = false)
{
    public const string Usage = """
        usage: Aegis.Durability [--seed N] [--points N | --fast] [--only K | --zombies] [--keep]
                                [--server Aegis.Server.dll]
                                [--scenario FILE]        another workflow
               Aegis.Durability --line [--fast] [--seed N] [--only K]   the assembly line
               Aegis.Durability --self-proof            each sabotaged build must fail
               Aegis.Durability --sabotage fence|call-first|ask-again
               Aegis.Durability --check                 the proxy against a real PostgreSQL
        """;

    private const int FastPoints = 16;

    public static HarnessOptions Parse(string[] words)
    {
        var options = new HarnessOptions();
        var left = new Queue<string>(words);
        while (left.TryDequeue(out var word))
        {
            options = word switch
            {
                "--seed" => options with { Seed = Number(left) },
                "--points" => options with { Points = Number(left) },
                "--fast" => options with { Points = FastPoints },
                "--only" => options with { Only = Number(left) },
                "--line" => options with { Line = true },
                "--zombies" => options with { Zombies = true },
                "--keep" => options with { Keep = true },
                "--check" => options with { Check = true },
                "--scenario" => options with { Scenario = Path.GetFullPath(left.Dequeue()) },
                "--server" => options with { Server = left.Dequeue() },
                "--self-proof" => options with { SelfProof = true },
                "--sabotage" => options with { Sabotage = left.Dequeue() },
                _ => throw new ArgumentException($"{word} is not known\n{Usage}"),
            };
        }
        return options;
    }

    private static int Number(Queue<string> words) => words.TryDequeue(out var word)
        && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new ArgumentException($"a number is missing\n{Usage}");
}
