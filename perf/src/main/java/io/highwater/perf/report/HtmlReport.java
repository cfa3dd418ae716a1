package io.highwater.perf.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.perf.report.Report.Cell;
import io.highwater.perf.report.Report.Section;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A report as one HTML page that needs nothing else: style, data and chart library are in it, and
 * its content security policy forbids it the network.
 */
public final class HtmlReport {
  private static final String LIBRARY = "chart.js";
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private HtmlReport() {}

  /** The page. */
  public static String render(Report report) {
    List<Chart> charts = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    for (Section section : report.sections()) {
      append(body, section, charts);
    }
    Map<String, String> parts =
        Map.of(
            "title", escape(report.title()),
            "facts", facts(report),
            "notes", notes(report),
            "sections", body.toString(),
            "data", json(charts),
            "library", library(),
            "script", resource("charts.js"));
    Matcher place = PLACE.matcher(resource("page.html"));
    // One pass, so that nothing that was put in is ever read as a place.
    return place.replaceAll(found -> Matcher.quoteReplacement(parts.get(found.group(1))));
  }

  private static String facts(Report report) {
    StringBuilder text = new StringBuilder();
    for (Report.Fact fact : report.facts()) {
      text.append("<dt>").append(escape(fact.name())).append("</dt>");
      text.append("<dd>").append(escape(fact.value())).append("</dd>\n");
    }
    return text.toString();
  }

  private static String notes(Report report) {
    StringBuilder text = new StringBuilder();
    for (String note : report.notes()) {
      text.append("<p>").append(escape(note)).append("</p>\n");
    }
    return text.toString();
  }

  private static void append(StringBuilder body, Section section, List<Chart> charts) {
    body.append("<section>\n<h2>").append(escape(section.title())).append("</h2>\n");
    body.append("<div class=\"charts\">\n");
    for (Chart chart : section.charts()) {
      body.append("<figure data-chart=\"").append(charts.size()).append("\">");
      body.append("<figcaption>").append(escape(chart.title())).append("</figcaption>");
      body.append("<div class=\"canvas\"><canvas></canvas></div></figure>\n");
      charts.add(chart);
    }
    body.append("</div>\n<div class=\"table\"><table>\n<thead><tr>");
    for (String header : section.table().header()) {
      body.append("<th>").append(escape(header)).append("</th>");
    }
    body.append("</tr></thead>\n<tbody>\n");
    for (List<Cell> row : section.table().rows()) {
      body.append("<tr>");
      for (Cell cell : row) {
        body.append("<td class=\"").append(cell.tone().name().toLowerCase(Locale.ROOT));
        body.append("\">").append(escape(cell.text())).append("</td>");
      }
      body.append("</tr>\n");
    }
    body.append("</tbody></table></div>\n</section>\n");
  }

  /** Text that may stand between tags and in quoted attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  // Without '<' nothing in a string can end the script element that holds it.
  private static String json(List<Chart> charts) {
    try {
      return new ObjectMapper().writeValueAsString(charts).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String library() {
    Properties about = new Properties();
    try (InputStream in = open("/META-INF/maven/org.webjars.npm/" + LIBRARY + "/pom.properties")) {
      about.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String directory =
        "/META-INF/resources/webjars/" + LIBRARY + "/" + about.getProperty("version");
    // Its licence wants to go with every copy.
    return "/*\n"
        + resource(directory + "/LICENSE.md")
        + "*/\n"
        + resource(directory + "/dist/chart.umd.min.js");
  }

  private static String resource(String name) {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = HtmlReport.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("not on the class path: " + name);
    }
    return in;
  }
}
