using Aegis.Core.Errors;
using Aegis.Core.Repairs;

namespace Aegis.Tools.Repair;

/// <summary>Why a fix is not in the files.</summary>
internal static class RepairErrors
{
    public static AegisError NoPlace(FixSuggestion fix, string found) => new("AEGIS2697",
        $"the fix of {fix.File} does not stand at line {fix.LineNumber} nor near it",
        Files.Patching.NearestLines.Show(fix.CurrentCode.Trim('\n').Split('\n')[0]), found,
        "read the file again and name its lines as they are now");

    public static AegisError NoHelp(string why) => new("AEGIS2698", $"the fix did not help: {why}",
        "more tests that pass, and none fewer", null, "find another cause");

    public static AegisError NotHere(string file) => new("AEGIS2699",
        $"{file} is no file that a repair may change", "a file of the repository, by its path in it", null,
        "name files relative to the repository; what git keeps is not changed");
}
