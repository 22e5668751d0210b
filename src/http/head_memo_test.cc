// A head that is met again gives what it gave when it was parsed; whatever
// differs is parsed.
#include "http/head_memo.h"

#include <gtest/gtest.h>

#include <string>

namespace molotov::http {
namespace {

const std::string kHead =
    "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\n\r\n";

// What a head says, from memory that is gone afterwards.
std::string parse(HeadMemo& memo, const std::string& bytes,
                  bool method_is_head = false) {
  const std::string given = bytes;
  const auto parsed = memo.parse(given, method_is_head, kDefaultHeadLimits);
  if (!parsed) return "error";
  if (*parsed == 0) return "more";
  const ResponseHead& head = memo.head();
  std::string text =
      std::to_string(*parsed) + ' ' + std::to_string(head.status);
  for (const Field& field : head.fields)
    text += ' ' + std::string(field.name) + '=' + std::string(field.value);
  return text + (head.info.framing == Framing::none ? " none" : " body");
}

TEST(HeadMemo, KnowsTheLastHeadAgain) {
  HeadMemo memo;
  const std::string first = parse(memo, kHead + "hello");
  EXPECT_EQ(first, "49 200 Date=now Content-Length=5 body");
  for (int i = 0; i < 3; i++) EXPECT_EQ(parse(memo, kHead + "other"), first);
}

TEST(HeadMemo, WhatDiffersIsParsed) {
  HeadMemo memo;
  const std::string first = parse(memo, kHead);
  std::string later = kHead;
  later.replace(later.find("now"), 3, "set");
  EXPECT_EQ(parse(memo, later), "49 200 Date=set Content-Length=5 body");
  EXPECT_EQ(parse(memo, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
            "38 404 Content-Length=0 body");
  EXPECT_EQ(parse(memo, kHead), first);
}

TEST(HeadMemo, FramingIsOfTheMethodToo) {
  HeadMemo memo;
  EXPECT_EQ(parse(memo, kHead, true), "49 200 Date=now Content-Length=5 none");
  EXPECT_EQ(parse(memo, kHead, false), "49 200 Date=now Content-Length=5 body");
  EXPECT_EQ(parse(memo, kHead, true), "49 200 Date=now Content-Length=5 none");
}

TEST(HeadMemo, APartOfAKnownHeadIsNotOne) {
  HeadMemo memo;
  parse(memo, kHead);
  for (size_t size = 0; size < kHead.size(); size++)
    EXPECT_EQ(parse(memo, kHead.substr(0, size)), "more") << size;
  EXPECT_EQ(parse(memo, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "error");
  EXPECT_EQ(parse(memo, kHead), "49 200 Date=now Content-Length=5 body");
}

TEST(HeadMemo, LongHeadsAreParsedEachTime) {
  HeadMemo memo;
  const std::string head =
      "HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\n\r\n";
  const std::string first = parse(memo, head);
  EXPECT_EQ(parse(memo, head), first);
}

}  // namespace
}  // namespace molotov::http
