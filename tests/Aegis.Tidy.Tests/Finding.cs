using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>A place that breaks a rule of the house. A test wants none of them.</summary>
internal static class Finding
{
    public static IEnumerable<string> Of(Regex pattern, IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            var number = 0;
            foreach (var line in SourceTree.Lines(file))
            {
                number++;
                if (pattern.IsMatch(line))
                {
                    yield return $"{file}:{number}: {line.Trim()}";
                }
            }
        }
    }

    public static void None(IEnumerable<string> findings) =>
        Assert.True(!findings.Any(), string.Join('\n', findings.Prepend("").Take(40)));
}
