using System.Globalization;
using System.Text;

namespace Aegis.Sandbox;

/// <summary>A report for people.</summary>
public static class SandboxPage
{
    public static string Text(SandboxReport report)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"sandboxes of the user {report.User}\n");
        foreach (var kind in report.Kinds)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"\n{kind.Kind}: {(kind.Available ? "ready" : "not there")}\n");
            if (!kind.Available)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"  missing  {kind.Missing}\n  mend     {kind.Mend}\n");
            }
            foreach (var wall in kind.Walls)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"  {(wall.Present ? "+" : "-")} {wall.Wall,-10} {wall.Mechanism}\n");
                if (wall.Mend is { } mend)
                {
                    page.Append(CultureInfo.InvariantCulture, $"    {"mend",-10} {mend}\n");
                }
            }
        }
        return page.ToString().TrimEnd('\n');
    }
}
